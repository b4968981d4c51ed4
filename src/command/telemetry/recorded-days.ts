import type { UsageProps } from '../../../contract/report/allowlist.ts';
import { type Screen, wrap } from '../../screen.ts';

/** What one UTC day holds. */
export interface RecordedDay {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly usage: readonly UsageProps[];
  /** Names of lifecycle events. */
  readonly events: readonly string[];
}

/** What was used, as the cells of a table: what it is, its name, how often, failed, by which agent. */
type Row = readonly [what: string, name: string, count: string, failed: string, agent: string];

const maxBar = 24;
const minBar = 4;

/** A table for each day: commands and tools with bars, errors and agents. On a narrow terminal a list. */
export function formatDays(days: readonly RecordedDay[], screen: Screen): string {
  const rows = days.flatMap(rowsOf);
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const counts = days.flatMap(({ usage }) => usage.map(({ count }) => count));
  const table: Table = { widths, most: Math.max(1, ...counts), screen };
  return days
    .map((day) => [day.day, ...rowsOf(day).map((row) => formatRow(row, table))].join('\n'))
    .join('\n\n');
}

interface Table {
  readonly widths: readonly number[];
  /** The largest count. */
  readonly most: number;
  readonly screen: Screen;
}

function rowsOf({ usage, events }: RecordedDay): readonly Row[] {
  const sorted = usage.toSorted(
    (one, other) => other.count - one.count || one.name.localeCompare(other.name),
  );
  return [...sorted.map(rowOf), ...events.map((event): Row => ['event', event, '', '', ''])];
}

function rowOf({ kind, name, count, error_count, client_name, client_version }: UsageProps): Row {
  const what = kind === 'cli_command' ? 'command' : 'tool';
  const failed = error_count === 0 ? '' : `${error_count} failed`;
  const agent = [client_name, client_version].filter((word) => word !== undefined).join(' ');
  return [what, name, String(count), failed, agent];
}

function formatRow(row: Row, { widths, most, screen }: Table): string {
  const [what, name, count, failed, agent] = row;
  const cells = (bar: string, width: number): string =>
    [
      what.padEnd(widths[0] ?? 0),
      name.padEnd(widths[1] ?? 0),
      count.padStart(widths[2] ?? 0),
      bar.padEnd(width),
      failed.padEnd(widths[3] ?? 0),
      agent,
    ].join('  ');
  const columns = widths.reduce((sum, width) => sum + width, '  '.length * widths.length);
  const room = Math.min(maxBar, screen.columns - columns - '  '.length);
  if (room < minBar) return formatAsList(row, screen);
  const length = count === '' ? 0 : Math.max(1, Math.round((Number(count) / most) * room));
  return `  ${cells('#'.repeat(length), room)}`.trimEnd();
}

function formatAsList([what, name, count, failed, agent]: Row, { columns }: Screen): string {
  const parts = [count, failed, agent].filter((part) => part !== '').join(', ');
  return wrap(`  ${what} ${name}${parts === '' ? '' : `: ${parts}`}`, columns, 4);
}
