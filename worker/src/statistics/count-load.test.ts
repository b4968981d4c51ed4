import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { makeReports } from '../../test/machines.ts';
import { dayNamed } from '../../test/services.ts';
import { count, emptyDatabase, messageOf, noonAt, readCells } from '../../test/statistics.ts';
import { TrueCells } from '../../test/true-cells.ts';
import type { QueueMessage } from '../ingest/message.ts';

beforeEach(emptyDatabase);

// 20,000 make about 200,000 reports: `COUNT_MACHINES=20000 npm test -- --project worker count-load`.
const machines = Number(env.COUNT_MACHINES);
const [from, to] = [dayNamed('2026-10-24'), dayNamed('2026-11-08')];
const batchSize = 100;

/** All reports by the day on which they come, over sixteen days and a month's end. */
function reportsByDay(): { readonly days: Map<number, object[]>; readonly truth: TrueCells } {
  const truth = new TrueCells();
  const days = new Map<number, object[]>();
  for (const { body, day } of makeReports({ machines, from, to, seed: 17 })) {
    truth.add(body);
    const own = days.get(day) ?? [];
    own.push(body);
    days.set(day, own);
  }
  return { days, truth };
}

/** Every tenth transaction fails: by turns before it is done, and after, when the answer gets lost. */
function failing(): D1Database {
  let batches = 0;
  return {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      batches += 1;
      if (batches % 20 === 10) throw new Error('D1_ERROR: Network connection lost.');
      const answer = await env.DB.batch(statements);
      if (batches % 20 === 0) throw new Error('D1_ERROR: Network connection lost.');
      return answer;
    },
    // Only what the store uses of it.
  } as unknown as D1Database;
}

// A prime, so that the killed ones fall between those that fail.
const killedEvery = 7;

/**
 * Counts all of it as the queue would: two consumers, and again what was not settled. Every seventh batch
 * is counted by a consumer that is killed before it can acknowledge, so all of the batch comes again.
 */
async function countAll(days: ReadonlyMap<number, readonly object[]>): Promise<number> {
  let reports = 0;
  let batches = 0;
  const db = failing();
  for (const [day, bodies] of [...days].toSorted(([one], [other]) => one - other)) {
    const waiting: QueueMessage[] = await Promise.all(bodies.map((body) => messageOf(body, day)));
    reports += waiting.length;
    const consume = async (): Promise<void> => {
      for (
        let batch = waiting.splice(0, batchSize);
        batch.length > 0;
        batch = waiting.splice(0, batchSize)
      ) {
        batches += 1;
        const isKilled = batches % killedEvery === 0;
        const { fates } = await count(batch, noonAt(day), db);
        waiting.push(...batch.filter((each) => isKilled || fates.get(each) === 'later'));
        expect([...fates.values()]).not.toContain('refused');
      }
    };
    await Promise.all([consume(), consume()]);
    // One of them may have put something back after the other had ended.
    await consume();
  }
  return reports;
}

it('counts every cell exactly, whatever the database does', async () => {
  const { days, truth } = reportsByDay();
  const reports = await countAll(days);
  const cells = await readCells();
  const wanted = truth.read();
  const wrong = [...wanted].filter(([key, counts]) => String(cells.get(key)) !== String(counts));
  console.log(JSON.stringify({ machines, reports, cells: wanted.size, wrong: wrong.length }));
  expect(wrong).toEqual([]);
  expect(cells.size).toBe(wanted.size);
}, 3_600_000);

it('counts a quarter of the machines within four sigma, scaled', async () => {
  const { days, truth } = reportsByDay();
  const periods = ['2026-W43', '2026-W44', '2026-W45', '2026-10', '2026-11'];
  await env.DB.batch(
    periods.map((period) =>
      env.DB.prepare(`INSERT INTO rates VALUES ('d1', ?1, 0.25)`).bind(period),
    ),
  );
  await countAll(days);
  const cells = await readCells();
  let compared = 0;
  for (const [key, [machinesOfCell]] of truth.read()) {
    if (machinesOfCell < 30) continue;
    const [counted = 0] = cells.get(key) ?? [];
    compared += 1;
    const sigma = Math.sqrt(machinesOfCell * 0.75 * 0.25) / 0.25;
    expect(Math.abs(counted / 0.25 - machinesOfCell)).toBeLessThan(4 * sigma);
  }
  expect(compared).toBeGreaterThan(50);
}, 3_600_000);
