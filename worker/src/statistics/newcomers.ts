import { dayOf, formatDay } from '../../../contract/day.ts';
import type { AccountStore } from '../forward/account-store.ts';
import { periodsAt } from '../forward/budget.ts';
import type { KeyedIds } from '../forward/keyed-ids.ts';
import { isInSample } from '../forward/sample.ts';
import type { QueueMessage } from '../ingest/message.ts';
import {
  gateClosedMs,
  hourDays,
  leastNewcomers,
  newcomerShare,
  newMonthDays,
  newMonthShare,
} from '../limits.ts';
import { usualOf } from '../hourly/usual.ts';
import { findMarks } from './cell-store.ts';
import { before, isFinal, isWeek, type Period } from './period.ts';
import type { Rates } from './rates.ts';
import { placesOf } from './tally-events.ts';

/**
 * Whether the machine of a message is counted already, or new; `held` is a new one that does not count
 * now. Undefined for those that are in no sample of an open period, or counted as no machine.
 */
export type Arrival = 'known' | 'new' | 'held' | undefined;

/** Ids are random, and whoever invents them invents machines. What they cannot invent is their past. */
export interface NewcomerGate {
  /** @throws Error when the database does not answer. */
  readonly look: (messages: readonly QueueMessage[], rates: Rates) => Promise<readonly Arrival[]>;
}

interface GateTerms {
  readonly account: AccountStore;
  readonly ids: KeyedIds;
  readonly canaryIds: ReadonlySet<string>;
  readonly now: number;
}

/**
 * Lets new machines count until an hour has several times as many as it can have; then, until a day has
 * passed without such an hour, machines that are counted already, and no others.
 */
export function openNewcomerGate(db: D1Database, terms: GateTerms): NewcomerGate {
  return {
    look: async (messages, rates) => {
      const machines = await Promise.all(
        messages.map((message) => markMachine(message, { ...terms, rates })),
      );
      const seen = await findMarks(db, machines.flat());
      const arrivals = machines.map((marks): Arrival => {
        if (marks.length === 0) return undefined;
        return marks.some((mark) => seen.has(String(mark))) ? 'known' : 'new';
      });
      const fresh = new Set(
        machines.filter((_, at) => arrivals[at] === 'new').map(([mark]) => String(mark)),
      ).size;
      if (fresh === 0 || (await isOpen(db, fresh, terms))) return arrivals;
      return arrivals.map((arrival) => (arrival === 'new' ? 'held' : arrival));
    },
  };
}

/** The marks by which a machine is known: those of its periods and of the week before. */
async function markMachine(
  { events, weeks }: QueueMessage,
  { rates, ids, canaryIds, now }: Omit<GateTerms, 'account'> & { readonly rates: Rates },
): Promise<readonly (readonly [Period, number])[]> {
  const places = events
    .filter(
      ({ distinct_id, properties }) => !canaryIds.has(distinct_id) && properties['ci'] !== true,
    )
    .flatMap((event) => placesOf(event, weeks))
    .filter(
      ({ period, machine }) =>
        !isFinal(period, dayOf(now)) && isInSample(machine, rates.get(period) ?? 1),
    )
    .flatMap(({ period, machine }) => [
      { period, machine },
      ...(isWeek(period) ? [{ period: before(period), machine }] : []),
    ]);
  const unique = new Map(places.map((place) => [`${place.period} ${place.machine}`, place]));
  return Promise.all(
    [...unique.values()].map(async ({ period, machine }): Promise<[Period, number]> => [
      period,
      await ids.mark('cell', period, 'machines', 'all', machine),
    ]),
  );
}

/** Whether so many more new machines may be counted at this instant. Notes it when they may not. */
async function isOpen(
  db: D1Database,
  fresh: number,
  { account, now }: Pick<GateTerms, 'account' | 'now'>,
): Promise<boolean> {
  const today = dayOf(now);
  const { hour } = periodsAt(now);
  const { results } = await db
    .prepare('SELECT hour, known, newcomers FROM hours WHERE hour >= ?1 AND substr(hour, 11) = ?2')
    .bind(formatDay(today - hourDays), hour.slice(10))
    .all<{ hour: string; known: number; newcomers: number }>();
  const others = results.filter((row) => row.hour !== hour);
  const soFar = results.find((row) => row.hour === hour)?.newcomers ?? 0;
  const usual = usualOf(others.map(({ known }) => known));
  const isNewMonth = Number(formatDay(today).slice(8)) <= newMonthDays;
  const most = Math.max(leastNewcomers, (isNewMonth ? newMonthShare : newcomerShare) * usual);
  // Where nobody knows what is usual, nothing is too much.
  if (usual > 0 && soFar + fresh > most) {
    await account.sign('newcomers_held', now);
    return false;
  }
  const last = (await account.readSigns()).get('newcomers_held')?.at ?? 0;
  return now - last >= gateClosedMs;
}
