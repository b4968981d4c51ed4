import { dayOf, formatDay, noonOf, type DayNumber } from '../../spec/contract/day.ts';
import { maxAgeDays, maxEventsPerReport, maxFutureDays } from '../../spec/contract/limits.ts';
import { keepProps } from './keep-props.ts';
import type { KeyedIds } from './keyed-ids.ts';
import type { FrozenEvent } from './message.ts';
import { readEvent, type ReceivedEvent, type ReceivedReport } from './received.ts';
import { Tally, type Sums } from './tally.ts';

type Properties = FrozenEvent['properties'];

interface Frozen {
  readonly events: readonly FrozenEvent[];
  /** `kept`, and `dropped_…` by reason. */
  readonly sums: Sums;
}

/**
 * Makes a report's events into what PostHog will get, once: day-precise, without the machine's own
 * id, with nothing that is not on the allowlist. No disk, no network.
 */
export async function freezeReport(
  report: ReceivedReport,
  ids: KeyedIds,
  today: DayNumber,
): Promise<Frozen> {
  const tally = new Tally();
  tally.add('dropped_too_many', report.events.length - maxEventsPerReport);
  const drafts = report.events
    .slice(0, maxEventsPerReport)
    .map((value) => draftEvent(value, today, tally))
    .filter((draft) => draft !== undefined);
  const machine = {
    id: report.machine_id,
    distinctIds: await deriveDistinctIds(report.machine_id, drafts, ids),
    shared: sharedProperties(report),
  };
  const events = await Promise.all(drafts.map((draft) => freezeEvent(draft, machine, ids)));
  tally.add('kept', events.length);
  return { events, sums: tally.take() };
}

interface Draft {
  readonly name: ReceivedEvent['event'];
  readonly eventId: string;
  readonly day: DayNumber;
  readonly props: Properties;
}

function draftEvent(value: unknown, today: DayNumber, tally: Tally): Draft | undefined {
  const received = readEvent(value);
  if (received === undefined) return drop(tally, 'dropped_unknown_event');
  const day = dayOf(Date.parse(received.ts ?? ''));
  // A comparison with NaN, an unreadable time, is false too.
  if (!(day >= today - maxAgeDays && day <= today + maxFutureDays)) {
    return drop(tally, 'dropped_out_of_date');
  }
  const props = keepProps(received.event, received.props);
  if (props === undefined) return drop(tally, 'dropped_bad_props');
  // Schema 2 has no event ids, and two of its events may be alike to the letter: two processes
  // each counted one `query`. So the id cannot come from the content; a redelivery from the queue
  // is recognised, a resend by such a client is not.
  const eventId = received.event_id ?? crypto.randomUUID();
  return { name: received.event, eventId, day, props: definedOnly(props) };
}

function drop(
  tally: Tally,
  reason: 'dropped_unknown_event' | 'dropped_out_of_date' | 'dropped_bad_props',
): undefined {
  tally.add(reason);
}

function sharedProperties(report: ReceivedReport): Properties {
  return {
    ...definedOnly({
      codegraph_version: report.codegraph_version,
      os: report.os,
      arch: report.arch,
      node_major: report.node_major,
      ci: report.ci,
      schema_version: report.schema_version,
    }),
    // Lowered where the budget is spent, so that sums can be scaled.
    sample_rate: 1,
    // Anonymous; no place; and no address: where `$ip` is missing, PostHog puts the sender's.
    $process_person_profile: false,
    $geoip_disable: true,
    $ip: null,
  };
}

interface Machine {
  readonly id: string;
  readonly distinctIds: ReadonlyMap<DayNumber, string>;
  readonly shared: Properties;
}

/**
 * By month of the events, not of their arrival: PostHog recognises a resend by project, day, event,
 * distinct_id and uuid together, and a resend may come in the next month.
 */
async function deriveDistinctIds(
  machineId: string,
  drafts: readonly Draft[],
  ids: KeyedIds,
): Promise<ReadonlyMap<DayNumber, string>> {
  const days = [...new Set(drafts.map(({ day }) => day))];
  return new Map(
    await Promise.all(
      days.map(async (day) => {
        const month = formatDay(day).slice(0, 7);
        return [day, await ids.distinctId(machineId, month)] as const;
      }),
    ),
  );
}

async function freezeEvent(
  { name, eventId, day, props }: Draft,
  machine: Machine,
  ids: KeyedIds,
): Promise<FrozenEvent> {
  return {
    event: name,
    uuid: await ids.eventUuid(machine.id, eventId),
    distinct_id: machine.distinctIds.get(day) ?? '',
    timestamp: noonOf(day),
    properties: { ...props, ...machine.shared },
  };
}

type Property = Properties[string];

function definedOnly(record: Readonly<Record<string, Property | undefined>>): Properties {
  const defined: Properties = {};
  for (const [name, value] of Object.entries(record)) {
    if (value !== undefined) defined[name] = value;
  }
  return defined;
}
