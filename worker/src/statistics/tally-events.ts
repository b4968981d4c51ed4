import { dayOf, type DayNumber } from '../../../contract/day.ts';
import { isInSample } from '../forward/sample.ts';
import type { FrozenEvent, QueueMessage } from '../ingest/message.ts';
import { maxUsesPerDay } from '../limits.ts';
import { observe, type Observation } from './observe.ts';
import { isFinal, periodsOf, type Period } from './period.ts';
import type { Rates } from './rates.ts';

/** A period that an event counts in, and who its machine is there. */
export interface Placed {
  readonly period: Period;
  readonly machine: string;
}

/** What a machine may use of one name on one day is bounded, over all its reports. */
export interface Bound {
  readonly day: string;
  readonly name: string;
  readonly machine: string;
}

/** An event that counts in at least one period. */
export interface CountedEvent {
  readonly placed: readonly Placed[];
  readonly seen: readonly Observation[];
  readonly bound: Bound;
  readonly uses: number;
  readonly errors: number;
}

/** One machine in one cell, from all events of a batch. */
export interface MachineInCell {
  readonly period: Period;
  readonly metric: Observation['metric'];
  readonly value: string;
  readonly machine: string;
  readonly uses: number;
  readonly errors: number;
}

/** What of a report counts. */
export interface SelectedReport {
  readonly id: string;
  readonly events: readonly CountedEvent[];
  /** Events that come when one of their periods is closed. */
  readonly late: number;
}

interface Selecting {
  readonly rates: Rates;
  readonly today: DayNumber;
  readonly canaryIds: ReadonlySet<string>;
}

/** The events that count: of open periods, of machines in their samples, none of the canary. */
export function selectEvents(
  { id, events: own, weeks }: QueueMessage,
  { rates, today, canaryIds }: Selecting,
): SelectedReport {
  let late = 0;
  const events = own.flatMap((event): CountedEvent[] => {
    if (canaryIds.has(event.distinct_id)) return [];
    const all = placesOf(event, weeks);
    const open = all.filter(({ period }) => !isFinal(period, today));
    if (open.length < all.length) late += 1;
    const placed = open.filter(({ period, machine }) =>
      isInSample(machine, rates.get(period) ?? 1),
    );
    return placed.length === 0 ? [] : [countedOf(event, placed)];
  });
  return { id, events, late };
}

/** Where an event counts: in its week and in its month. */
export function placesOf(
  { timestamp, distinct_id }: FrozenEvent,
  weeks: QueueMessage['weeks'],
): readonly Placed[] {
  const [week, month] = periodsOf(dayOf(Date.parse(timestamp)));
  return [
    { period: week, machine: weeks[week] ?? distinct_id },
    { period: month, machine: distinct_id },
  ];
}

function countedOf(event: FrozenEvent, placed: readonly Placed[]): CountedEvent {
  const { kind, name, count, error_count } = event.properties;
  const isUsage = event.event === 'usage_rollup';
  return {
    placed,
    seen: observe(event),
    bound: {
      day: event.timestamp.slice(0, 10),
      name: isUsage ? JSON.stringify([kind, name]) : event.event,
      machine: event.distinct_id,
    },
    uses: typeof count === 'number' ? Math.min(count, maxUsesPerDay) : 1,
    errors: typeof error_count === 'number' ? error_count : 0,
  };
}

/** As one text: the key of a bound in maps. */
export function keyOfBound({ day, name, machine }: Bound): string {
  return `${day} ${machine} ${name}`;
}

/**
 * Sums by machine and cell, each event's uses cut to what its bound has left. `used` is what was used
 * of the bounds before; it is brought up to date.
 */
export function sumCells(
  events: readonly CountedEvent[],
  used: Map<string, number>,
): readonly MachineInCell[] {
  const cells = new Map<string, { -readonly [Key in keyof MachineInCell]: MachineInCell[Key] }>();
  for (const { placed, seen, bound, uses, errors } of events) {
    const key = keyOfBound(bound);
    const before = used.get(key) ?? 0;
    const granted = Math.min(uses, maxUsesPerDay - before);
    used.set(key, before + granted);
    const failed = Math.min(errors, granted);
    for (const { period, machine } of placed) {
      for (const { metric, value, isUse } of seen) {
        const place = `${period} ${metric} ${machine} ${value}`;
        let cell = cells.get(place);
        if (cell === undefined) {
          cell = { period, metric, value, machine, uses: 0, errors: 0 };
          cells.set(place, cell);
        }
        if (!isUse) continue;
        cell.uses += granted;
        cell.errors += failed;
      }
    }
  }
  return [...cells.values()];
}
