import { dayOf, noonOf, type DayNumber } from '../../../contract/day.ts';
import { maxAgeDays, maxEventsPerReport, maxFutureDays } from '../../../contract/limits.ts';
import { keepProps } from '../ingest/keep-props.ts';
import type { MachineIds } from './keyed-ids.ts';
import type { FrozenEvent } from '../ingest/message.ts';
import { readEvent, type ReceivedEvent, type ReceivedReport } from '../ingest/received.ts';
import { monthOfWeek as monthOfWeekOf, weekOf } from '../statistics/period.ts';
import { Tally, type Sums } from './tally.ts';

type Properties = FrozenEvent['properties'];

interface FrozenReport {
  /** The same for a resend of the same report. */
  readonly id: string;
  readonly events: readonly FrozenEvent[];
  /** By week, what stands for the machine in it, where that is another month's id. */
  readonly weeks: Readonly<Record<string, string>>;
  /** `kept`, and `dropped_…` by reason. */
  readonly sums: Sums;
}

/**
 * Makes a report's events into what PostHog will get, once: day-precise, without the machine's own
 * id, with nothing that is not on the allowlist. No disk, no network.
 */
export async function freezeReport(
  report: ReceivedReport,
  machine: MachineIds,
  today: DayNumber,
): Promise<FrozenReport> {
  const tally = new Tally();
  tally.add('dropped_too_many', report.events.length - maxEventsPerReport);
  const drafts = report.events
    .slice(0, maxEventsPerReport)
    .map((value) => draftEvent(value, today, tally))
    .filter((draft) => draft !== undefined);
  tally.add('kept', drafts.length);
  const { eventUuid, reportId, distinctId } = machine;
  const weeks: Record<string, string> = {};
  const shared = sharedProperties(report);
  const days = [...Map.groupBy(drafts, ({ day }) => day)].map(async ([day, ofDay]) => {
    const timestamp = noonOf(day);
    // By month of the events, not of their arrival: PostHog recognises a resend by project, day,
    // event, distinct_id and uuid together, and a resend may come in the next month.
    const month = timestamp.slice(0, 7);
    const distinct_id = await distinctId(month);
    // A week over a month's end has one id for all its days, where the client has (schema 2).
    const monthOfWeek = monthOfWeekOf(day);
    if (monthOfWeek !== month) weeks[weekOf(day)] = await distinctId(monthOfWeek);
    return ofDay.map(({ name, eventId, props }) => ({
      event: name,
      uuid: eventUuid(eventId),
      distinct_id,
      timestamp,
      // In this order, as copying ever the same object first takes V8 half the time. The names are
      // the allowlist's, so neither hides one of the other.
      properties: { ...shared, ...props },
    }));
  });
  return {
    id: reportId(report.batch_id ?? crypto.randomUUID()),
    events: (await Promise.all(days)).flat(),
    weeks,
    sums: tally.take(),
  };
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
  return {
    name: received.event,
    // Schema 2 has no event ids, and two of its events may be alike to the letter: two processes
    // each counted one `query`. So the id cannot come from the content; a redelivery from the
    // queue is recognised, a resend by such a client is not.
    eventId: received.event_id ?? crypto.randomUUID(),
    // Tomorrow's noon can be more than 23 hours ahead. PostHog takes such a time for a mistake and
    // puts the minute of arrival in its place, another one at each delivery.
    day: Math.min(day, today),
    props: definedOnly(props),
  };
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

type Property = Properties[string];

function definedOnly(record: Readonly<Record<string, Property | undefined>>): Properties {
  const defined: Properties = {};
  for (const name of Object.keys(record)) {
    const value = record[name];
    if (value !== undefined) defined[name] = value;
  }
  return defined;
}
