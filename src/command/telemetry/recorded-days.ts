import type { UsageProps } from '../../../contract/report/allowlist.ts';

/** What one UTC day holds. */
export interface RecordedDay {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly usage: readonly UsageProps[];
  /** Names of lifecycle events. */
  readonly events: readonly string[];
}

const maxBar = 24;

/** A small table with bars: by day, commands and tools, with errors and agents. */
export function formatDays(days: readonly RecordedDay[]): string {
  const most = Math.max(1, ...days.flatMap(({ usage }) => usage.map(({ count }) => count)));
  return days.map((day) => formatDay(day, most)).join('\n\n');
}

function formatDay({ day, usage, events }: RecordedDay, most: number): string {
  const rows = usage
    .toSorted((one, other) => other.count - one.count || one.name.localeCompare(other.name))
    .map((props) => formatUsage(props, most));
  const lifecycle = events.map((event) => `  event    ${event}`);
  return [day, ...rows, ...lifecycle].join('\n');
}

function formatUsage(props: UsageProps, most: number): string {
  const { kind, name, count, error_count, client_name, client_version } = props;
  const bar = '#'.repeat(Math.max(1, Math.round((count / most) * maxBar)));
  const agent =
    client_name === undefined ? '' : `  ${client_name} ${client_version ?? ''}`.trimEnd();
  const errors = error_count === 0 ? '' : `  ${error_count} failed`;
  const what = kind === 'cli_command' ? 'command' : 'tool';
  const columns = [what.padEnd(7), name.padEnd(24), String(count).padStart(7), bar.padEnd(maxBar)];
  return `  ${columns.join('  ')}${errors}${agent}`.trimEnd();
}
