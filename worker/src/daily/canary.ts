import { formatDay, noonOf, type DayNumber } from '../../../contract/day.ts';
import type { AccountStore } from '../forward/account-store.ts';
import type { KeyedIds } from '../forward/keyed-ids.ts';
import { logReason } from '../log.ts';
import type { RequestView } from '../ingest/request-view.ts';

/**
 * The ingest's daily report to itself. It goes the whole way, door, queue and sink; that it did
 * not arrive is the one sign of a path that says 204 and loses everything.
 */
const machineId = '00000000-0000-4000-8000-00000000cafe';

/** The POST of a day's canary. Its event id comes from the key: nobody else can send it. */
export async function writeCanary(day: DayNumber, ids: KeyedIds): Promise<RequestView> {
  const report = {
    machine_id: machineId,
    codegraph_version: 'other',
    os: 'other',
    arch: 'other',
    node_major: 0,
    // So that it is left out with the build machines when users are counted.
    ci: true,
    schema_version: 3,
    batch_id: await eventIdOf(day, ids),
    events: [
      {
        event: 'usage_rollup',
        ts: noonOf(day),
        event_id: await eventIdOf(day, ids),
        props: { kind: 'cli_command', name: 'other', count: 1, error_count: 0 },
      },
    ],
  };
  return {
    method: 'POST',
    path: '/v1/events',
    contentType: 'application/json',
    contentEncoding: null,
    body: new Blob([JSON.stringify(report)]).stream(),
  };
}

/** What the canaries of these days are called behind the door. */
export async function canaryUuids(
  days: readonly DayNumber[],
  ids: KeyedIds,
): Promise<ReadonlySet<string>> {
  const { eventUuid } = await ids.ofMachine(machineId);
  const eventIds = await Promise.all(days.map((day) => eventIdOf(day, ids)));
  return new Set(eventIds.map(eventUuid));
}

/** Says in the log when yesterday's canary was sent and has not arrived. */
export async function checkCanary(account: AccountStore, today: DayNumber): Promise<void> {
  const yesterday = formatDay(today - 1);
  const sums = (await account.readSums(yesterday)).get(yesterday) ?? {};
  if ('canary_sent' in sums && !('canary_arrived' in sums)) logReason('canary_missing');
}

function eventIdOf(day: DayNumber, ids: KeyedIds): Promise<string> {
  return ids.distinctId(machineId, formatDay(day));
}
