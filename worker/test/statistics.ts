import { env } from 'cloudflare:workers';
import type { DayNumber } from '../../contract/day.ts';
import { openAccountStore } from '../src/forward/account-store.ts';
import { openAllowances } from '../src/forward/allowance.ts';
import { forward } from '../src/forward/forward.ts';
import { openKeyedIds, type KeyedIds } from '../src/forward/keyed-ids.ts';
import { freezeReport } from '../src/forward/freeze.ts';
import { readReport } from '../src/ingest/received.ts';
import { writeMessage, type QueueMessage } from '../src/ingest/message.ts';
import type { Sums } from '../src/forward/tally.ts';
import { openNewcomerGate } from '../src/statistics/newcomers.ts';
import { planStored, readRates } from '../src/statistics/rates.ts';
import { openStatistics, type StoreResult } from '../src/statistics/store.ts';
import { placesOf } from '../src/statistics/tally-events.ts';
import { tables } from './tables.ts';
import type { TrueCell } from './true-cells.ts';

export const testIds: KeyedIds = await openKeyedIds({
  uuidKey: 'u'.repeat(32),
  distinctKey: 'd'.repeat(32),
});

/** Tests of one workerd share a database. */
export async function emptyDatabase(): Promise<void> {
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
}

/** A body as it is in the queue after the door. */
export async function messageOf(body: unknown, today: DayNumber): Promise<QueueMessage> {
  const reading = readReport(JSON.stringify(body));
  if (!reading.ok) throw new Error(reading.reason);
  const machine = await testIds.ofMachine(reading.report.machine_id);
  const { id, events, weeks } = await freezeReport(reading.report, machine, today);
  return writeMessage({ id, events, weeks, sums: {} });
}

/** Counts messages as a consumer does at this instant. */
export async function count(
  messages: readonly QueueMessage[],
  now: number,
  db: D1Database = env.DB,
): Promise<StoreResult> {
  const places = messages.flatMap(({ events, weeks }) =>
    events.flatMap((event) => placesOf(event, weeks)),
  );
  const periods = [...new Set(places.map(({ period }) => period))];
  const rates = await readRates(env.DB, 'd1', periods, (period) => planStored(env.DB, period));
  return openStatistics(db, { ids: testIds, canaryIds: new Set(), now }).add(messages, rates);
}

/** Takes messages from the queue as a consumer does at this instant: allowance, gate, budget, store. */
export async function consume(
  messages: readonly QueueMessage[],
  now: number,
  attempts = 1,
): Promise<Sums> {
  const delivered = messages.map((body) => ({
    body,
    attempts,
    ack: () => {},
    retry: () => {
      throw new Error('it should have been taken');
    },
  }));
  const canaryIds = new Set<string>();
  const account = openAccountStore(env.DB);
  const budget = { hourly: 1_000_000, daily: 5_000_000 };
  return forward(delivered, {
    statistics: openStatistics(env.DB, { ids: testIds, canaryIds, now }),
    newcomers: openNewcomerGate(env.DB, { account, ids: testIds, canaryIds, now }),
    account,
    allowances: openAllowances(env.DB, testIds, now),
    budgets: { posthog: budget, d1: budget },
    readRates: (sink, periods) =>
      readRates(env.DB, sink, periods, (period) => planStored(env.DB, period)),
    bookReports: async (ids) => new Set(ids),
    retry: { baseS: 15, random: Math.random },
    now,
    canaries: { machines: canaryIds, sent: new Map() },
  });
}

/** All cells, as `TrueCells` has them. */
export async function readCells(): Promise<ReadonlyMap<string, TrueCell>> {
  const rows = await env.DB.prepare(
    'SELECT period, metric, value, machines, uses, errors, failing FROM cells',
  ).raw<[string, string, string, number, number, number, number]>();
  return new Map(
    rows.map(([period, metric, value, ...counts]) => [`${period}|${metric}|${value}`, counts]),
  );
}

export function noonAt(day: DayNumber): number {
  return day * 86_400_000 + 43_200_000;
}
