import { formatDay, parseDay } from '../../contract/day.ts';
import type { Frame } from '../../contract/frame.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { maxAgeDays, maxCount, maxFutureDays } from '../../contract/limits.ts';
import { counterKinds } from '../../contract/report/lists.ts';
import { countsOf } from '../../sender-thread/guest/roll-up.ts';
import { findFaults } from '../support/strict-report.ts';
import { today } from './frames.ts';
import { intactWords } from './words.ts';

/** Calls and errors, or the number of events, by day and identity. */
export type Totals = ReadonlyMap<string, string>;

interface Usage {
  readonly kind: string;
  readonly name: string;
  readonly count: number;
  readonly error_count: number;
  readonly client_name?: string | undefined;
  readonly client_version?: string | undefined;
}
interface Event {
  readonly event: string;
  readonly props: object;
}
type Item = readonly [day: string, of: Usage | Event];

/** What frames add up to, on days that can be dated: what waits beyond them, calendar.test.ts holds. */
export function totalsOf(frames: readonly Frame[], areCrowded: boolean): Totals {
  const items = frames
    .filter(({ day }) => isDatable(day))
    .flatMap((frame): Item[] => {
      const day = formatDay(frame.day);
      const usage = frame.counters.map(([kind, name, count, error_count, ...client]): Item => {
        const [client_name, client_version] = client;
        const identity = { kind: counterKinds[kind], name, client_name, client_version };
        return [day, { ...identity, count, error_count }];
      });
      return [...usage, ...frame.events.map(([event, props]): Item => [day, { event, props }])];
    });
  return sum(items, areCrowded);
}

/** What stands in a ledger on days that can be dated, open and in reports that wait: of intact frames, or all. */
export function totalsIn(ledger: Ledger, of: 'all' | 'intact', areCrowded = false): Totals {
  const open = Object.entries(ledger.days).flatMap(([day, { usage, events }]) =>
    [...usage, ...events].map((item): Item => [day, item]),
  );
  const waiting = ledger.reports.flatMap(({ body }) => itemsIn(body));
  const items = [...open, ...waiting];
  const datable = items.filter(([day]) => isDatable(parseDay(day)));
  return sum(of === 'all' ? datable : datable.filter(([, item]) => isIntact(item)), areCrowded);
}

/** What was counted on other days, waiting for a second clock or lost. */
export function undatedIn({ days, lost }: Ledger): number {
  const waiting = Object.entries(days).filter(([day]) => !isDatable(parseDay(day)));
  return waiting.reduce((all, [, open]) => all + countsOf(open), lost.out_of_date);
}

function isDatable(day: number | undefined): boolean {
  return day !== undefined && day >= today - maxAgeDays && day <= today + maxFutureDays;
}

/** What a report counts; nothing when its owner has edited it into something else. */
function itemsIn(body: string): readonly Item[] {
  if (findFaults(body).length > 0) return [];
  const { events } = JSON.parse(body) as { events: ({ ts: string } & Event)[] };
  return events.map(({ ts, event, props }): Item => {
    return [ts.slice(0, 10), event === 'usage_rollup' ? (props as Usage) : { event, props }];
  });
}

function isIntact(item: Usage | Event): boolean {
  const { commands, tools, targets, languages } = intactWords;
  if ('name' in item) return [...commands, ...tools].includes(item.name);
  const lists = item.props as Readonly<Record<string, readonly string[] | undefined>>;
  const [first = ''] = lists['targets'] ?? lists['languages'] ?? [];
  return [...targets, ...languages].includes(first);
}

function sum(items: readonly Item[], areCrowded: boolean): Totals {
  const sums = new Map<string, [number, number]>();
  for (const [day, item] of items) {
    const isUsage = 'name' in item;
    const { count, error_count } = isUsage ? item : { count: 1, error_count: 0 };
    if (count === 0) continue;
    const key = `${day} ${isUsage ? identityOf(item, areCrowded) : JSON.stringify(item)}`;
    const [counts, errors] = sums.get(key) ?? [0, 0];
    sums.set(key, [Math.min(maxCount, counts + count), Math.min(maxCount, errors + error_count)]);
  }
  return new Map(Array.from(sums, ([key, counts]) => [key, counts.join('/')]));
}

function identityOf(usage: Usage, areCrowded: boolean): string {
  const { kind, name, client_name = '', client_version = '' } = usage;
  // A day with too many identities lets go of versions.
  return [kind, name, client_name, areCrowded ? '' : client_version].join(' ');
}
