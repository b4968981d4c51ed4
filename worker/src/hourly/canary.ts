import { dayOf, formatMonth, noonOf } from '../../../contract/day.ts';
import type { KeyedIds, MachineIds } from '../forward/keyed-ids.ts';
import type { RequestView } from '../ingest/request-view.ts';

/**
 * The ingest's hourly report to itself. It goes the whole way, door, queue and sink; that it did not
 * arrive is the one sign of a path that says 204 and loses everything.
 */

/** Past the door from inside, or by the public address. */
export type Way = 'inside' | 'network';

/** How a consumer knows a canary. */
export interface Canaries {
  /** What stands for its machine, in this month and the one before. */
  readonly machines: ReadonlySet<string>;
  /** When it was sent and which way it came, by the uuid of its event; of the last hours. */
  readonly sent: ReadonlyMap<string, { readonly at: number; readonly way: Way }>;
}

const hourMs = 3_600_000;

// Later than that it is missed already.
const knownHours = 3;

/** The body of an hour's canary. Its ids come from the key: nobody else can send it. */
export async function writeCanary(now: number, way: Way, ids: KeyedIds): Promise<string> {
  const machine = await ids.ofMachine(ids.canaryId);
  const id = await idOf(now, way, machine);
  return JSON.stringify({
    machine_id: ids.canaryId,
    codegraph_version: 'other',
    os: 'other',
    arch: 'other',
    node_major: 0,
    // So that it is left out with the build machines when users are counted.
    ci: true,
    schema_version: 3,
    batch_id: id,
    events: [
      {
        event: 'usage_rollup',
        ts: noonOf(dayOf(now)),
        event_id: id,
        props: { kind: 'cli_command', name: 'other', count: 1, error_count: 0 },
      },
    ],
  });
}

/** A POST as the door sees it. */
export function postOfCanary(body: string): RequestView {
  return {
    method: 'POST',
    path: '/v1/events',
    contentType: 'application/json',
    contentEncoding: null,
    body: new Blob([body]).stream(),
  };
}

/** What the canaries of the last hours are called behind the door. */
export async function knowCanaries(now: number, ids: KeyedIds): Promise<Canaries> {
  const machine = await ids.ofMachine(ids.canaryId);
  const today = dayOf(now);
  const months = [formatMonth(today), formatMonth(today - 31)];
  const sent = new Map<string, { at: number; way: Way }>();
  for (const way of ['inside', 'network'] as const) {
    for (let hours = 0; hours < knownHours; hours++) {
      const at = startOfHour(now) - hours * hourMs;
      sent.set(machine.eventUuid(await idOf(at, way, machine)), { at, way });
    }
  }
  return { machines: new Set(await Promise.all(months.map(machine.distinctId))), sent };
}

function startOfHour(now: number): number {
  return now - (now % hourMs);
}

function idOf(now: number, way: Way, { distinctId }: MachineIds): Promise<string> {
  return distinctId(`${way} ${new Date(now).toISOString().slice(0, 13)}`);
}
