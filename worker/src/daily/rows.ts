import type { FrozenEvent, QueueMessage } from '../ingest/message.ts';

/** One line of the daily statistics. */
export interface DailyRow {
  readonly day: string;
  readonly event: string;
  readonly dimension: string;
  readonly value: string;
  readonly events: number;
  readonly count: number;
  readonly errors: number;
}

// Client versions are left out: they are an open dimension that nobody reads by the day.
const envelopeDimensions = [
  'codegraph_version',
  'os',
  'arch',
  'node_major',
  'ci',
  'schema_version',
];
const ownDimensions: Readonly<Record<FrozenEvent['event'], readonly string[]>> = {
  usage_rollup: ['client_name'],
  index: ['languages', 'file_count_bucket', 'duration_bucket'],
  install: ['scope', 'kind', 'targets'],
  uninstall: ['targets'],
};

/** Sums of the messages' events by one dimension at a time; no machine is in them. */
export function sumDailyRows(messages: readonly QueueMessage[]): readonly DailyRow[] {
  const rows = new Map<string, DailyRow>();
  for (const event of messages.flatMap(({ events }) => events)) {
    for (const row of rowsOf(event)) {
      const key = JSON.stringify([row.day, row.event, row.dimension, row.value]);
      const known = rows.get(key);
      rows.set(key, known === undefined ? row : addRows(known, row));
    }
  }
  return [...rows.values()];
}

function addRows(one: DailyRow, other: DailyRow): DailyRow {
  return {
    ...one,
    events: one.events + other.events,
    count: one.count + other.count,
    errors: one.errors + other.errors,
  };
}

function rowsOf({ event, timestamp, properties }: FrozenEvent): readonly DailyRow[] {
  // Of one machine in ten, each stands for ten.
  const weight = Math.round(1 / numberOf(properties['sample_rate'], 1));
  const row = (dimension: string, value: string): DailyRow => ({
    day: timestamp.slice(0, 10),
    event,
    dimension,
    value,
    events: weight,
    count: weight * numberOf(properties['count'], 1),
    errors: weight * numberOf(properties['error_count'], 0),
  });
  const dimensions = [...envelopeDimensions, ...ownDimensions[event]];
  const rows = dimensions.flatMap((dimension) =>
    valuesOf(properties[dimension]).map((value) => row(dimension, value)),
  );
  const kind = properties['kind'];
  return event === 'usage_rollup' && typeof kind === 'string'
    ? [row('all', ''), ...rows, ...valuesOf(properties['name']).map((name) => row(kind, name))]
    : [row('all', ''), ...rows];
}

function valuesOf(value: FrozenEvent['properties'][string] | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [String(value)];
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
