import { dayOf, formatDay, parseDay } from '../../../contract/day.ts';
import type { UsageProps } from '../../../contract/report/allowlist.ts';
import type { TelemetryContext } from './context.ts';
import { eventsIn, readAccepted } from './log.ts';
import type { RecordedDay } from './recorded-days.ts';
import { prepareShow } from './show.ts';

/** By what the uses of a period are added up. */
export const groupings = ['day', 'command', 'tool', 'agent'] as const;
export type Grouping = (typeof groupings)[number];

/** Uses of one command or tool on one day by one agent, as counted on this machine. */
export interface UsageRow {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly kind: UsageProps['kind'];
  readonly name: string;
  /** The MCP client; null where none is known. */
  readonly agent: string | null;
  readonly count: number;
  readonly errors: number;
}

/** One line of the sums: a day, a command, a tool or an agent. */
export interface UsageSum {
  readonly name: string;
  readonly count: number;
  readonly errors: number;
}

/** What `codegraph telemetry usage --json` prints. Keys are stable: scripts read them. */
export interface Usage {
  /** First and last day of the period, both included. */
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly errors: number;
  /** Uses in as many days before; null where nothing is known of them. */
  readonly countBefore: number | null;
  readonly by: Grouping;
  readonly sums: readonly UsageSum[];
  readonly rows: readonly UsageRow[];
}

/** How many days are looked at, and by what they are added up. */
export interface UsageWish {
  readonly days: number;
  readonly by: Grouping;
}

/**
 * This machine's own use, sent and unsent alike: what the ledger and the buffer hold, and what the
 * receipts say was sent. Changes nothing. Rejects when the sender thread cannot run.
 */
export async function describeUsage(
  context: TelemetryContext,
  wish: UsageWish,
  now: number = Date.now(),
): Promise<Usage> {
  // What was sent without an answer is among these days still.
  const { days } = await prepareShow(context);
  const sent = readAccepted(context.watch.paths.dataDir).flatMap(({ body }) => daysIn(body));
  return addUp([...days, ...sent], wish, now);
}

/** Adds up what days hold. A day may be there several times: in parts, never twice. */
export function addUp(
  days: readonly RecordedDay[],
  { days: length, by }: UsageWish,
  now: number,
): Usage {
  const last = dayOf(now);
  const first = last - length + 1;
  const rows = days.flatMap(rowsOf);
  const within = (from: number, to: number): readonly UsageRow[] =>
    rows.filter(({ day }) => {
      const number = parseDay(day);
      return number !== undefined && number >= from && number <= to;
    });
  const period = within(first, last);
  const before = within(first - length, first - 1);
  return {
    from: formatDay(first),
    to: formatDay(last),
    count: sumOf(period, 'count'),
    errors: sumOf(period, 'errors'),
    countBefore: before.length === 0 ? null : sumOf(before, 'count'),
    by,
    sums: group(period, by),
    rows: period.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other))),
  };
}

function daysIn(body: string): readonly RecordedDay[] {
  return eventsIn(body).flatMap((event) =>
    event.event === 'usage_rollup'
      ? [{ day: event.ts.slice(0, 10), usage: [event.props], events: [] }]
      : [],
  );
}

function rowsOf({ day, usage }: RecordedDay): readonly UsageRow[] {
  return usage.map(({ kind, name, count, error_count, client_name }) => ({
    day,
    kind,
    name,
    agent: client_name ?? null,
    count,
    errors: error_count,
  }));
}

function group(rows: readonly UsageRow[], by: Grouping): readonly UsageSum[] {
  const sums = new Map<string, { count: number; errors: number }>();
  for (const row of rows) {
    const name = groupOf(row, by);
    if (name === undefined) continue;
    const sum = sums.get(name) ?? { count: 0, errors: 0 };
    sums.set(name, { count: sum.count + row.count, errors: sum.errors + row.errors });
  }
  const listed = [...sums].map(([name, sum]) => ({ name, ...sum }));
  return by === 'day'
    ? listed.toSorted((one, other) => one.name.localeCompare(other.name))
    : listed.toSorted(
        (one, other) => other.count - one.count || one.name.localeCompare(other.name),
      );
}

/** Undefined for a row that is none of the kind. */
function groupOf({ day, kind, name, agent }: UsageRow, by: Grouping): string | undefined {
  switch (by) {
    case 'day':
      return day;
    case 'command':
      return kind === 'cli_command' ? name : undefined;
    case 'tool':
      return kind === 'mcp_tool' ? name : undefined;
    case 'agent':
      return kind === 'mcp_tool' ? (agent ?? 'unknown') : undefined;
  }
}

function sumOf(rows: readonly UsageRow[], key: 'count' | 'errors'): number {
  return rows.reduce((sum, row) => sum + row[key], 0);
}

function keyOf({ day, kind, name, agent }: UsageRow): string {
  return `${day} ${kind} ${name} ${agent ?? ''}`;
}
