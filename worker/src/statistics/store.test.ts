import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { makeReports } from '../../test/machines.ts';
import { reportOf, usageOf } from '../../test/reports.ts';
import { dayNamed } from '../../test/services.ts';
import { count, emptyDatabase, messageOf, noonAt, readCells } from '../../test/statistics.ts';
import { TrueCells, type TrueCell } from '../../test/true-cells.ts';
import { deleteOld } from '../hourly/delete-old.ts';
import type { QueueMessage } from '../ingest/message.ts';
import type { StoreFate } from './store.ts';

beforeEach(emptyDatabase);

const inOrder = (cells: ReadonlyMap<string, TrueCell>): readonly [string, TrueCell][] =>
  [...cells].toSorted(([one], [other]) => (one < other ? -1 : 1));

const today = dayNamed('2026-11-23');
const now = noonAt(today);

/** Twelve days over a month's end, from machines of both schemas, with repeats. */
async function makeReportsOverMonthEnd(machines: number): Promise<{
  readonly truth: TrueCells;
  readonly batches: readonly (readonly QueueMessage[])[];
  readonly end: number;
}> {
  const [from, to] = [dayNamed('2026-10-26'), dayNamed('2026-11-06')];
  const truth = new TrueCells();
  const messages: QueueMessage[] = [];
  // All of it on one day, when none of its periods is closed.
  const end = to + 1;
  for (const { body } of makeReports({ machines, from, to, seed: 7 })) {
    truth.add(body);
    messages.push(await messageOf(body, end));
  }
  const batches = [];
  for (let at = 0; at < messages.length; at += 100) batches.push(messages.slice(at, at + 100));
  return { truth, batches, end: noonAt(end) };
}

it('holds what sets in memory hold, from two consumers at once', async () => {
  const { truth, batches, end } = await makeReportsOverMonthEnd(150);
  const consume = async (own: readonly (readonly QueueMessage[])[]): Promise<void> => {
    for (const batch of own) await count(batch, end);
  };
  // Each batch comes twice, in another order, to another consumer.
  await Promise.all([consume(batches), consume(batches.toReversed())]);
  const wanted = inOrder(truth.read());
  expect(inOrder(await readCells())).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(150);
});

it('finds the one message that the database refuses, and counts its neighbours', async () => {
  const bodies = Array.from({ length: 9 }, (_, index) =>
    reportOf([usageOf()], {
      batch_id: crypto.randomUUID(),
      machine_id: crypto.randomUUID(),
      codegraph_version: index === 4 ? '6.6.6' : '1.6.1',
    }),
  );
  await env.DB.prepare(
    `CREATE TRIGGER refuse BEFORE INSERT ON cells WHEN NEW.value = '6.6.6'
     BEGIN SELECT RAISE(ABORT, 'SQLITE_CONSTRAINT: not this one'); END`,
  ).run();
  try {
    const messages = await Promise.all(bodies.map((body) => messageOf(body, today)));
    const { fates } = await count(messages, now);
    const wanted = Array.from({ length: 9 }, (_, at) => (at === 4 ? 'refused' : 'stored'));
    expect([...fates.values()]).toEqual(wanted);
    expect((await readCells()).get('2026-11|machines|all')?.[0]).toBe(8);
    // Alone it is no evidence against itself.
    const alone = await count(messages.slice(4, 5), now);
    expect([...alone.fates.values()]).toEqual(['later']);
  } finally {
    await env.DB.prepare('DROP TRIGGER refuse').run();
  }
});

it('counts all of a batch or nothing of it', async () => {
  await env.DB.prepare('ALTER TABLE marks RENAME TO away').run();
  const messages = [await messageOf(reportOf([usageOf()]), today)];
  const { fates } = await count(messages, now);
  await env.DB.prepare('ALTER TABLE away RENAME TO marks').run();
  expect([...fates.values()]).toEqual(['later']);
  expect(await readCells()).toEqual(new Map());
  expect([...(await count(messages, now)).fates.values()]).toEqual(['stored']);
});

it('counts a report once, on the last of thirty days too, and says that it came again', async () => {
  const first = dayNamed('2026-11-02');
  const event = usageOf({ count: 7 }, { ts: '2026-11-01T12:00:00.000Z' });
  const message = await messageOf(reportOf([event]), first);
  await count([message], noonAt(first));
  const twice = await count([{ ...message }, { ...message }], noonAt(first + 2));
  expect([...twice.fates.values()]).toEqual(['resent', 'resent']);
  // Its week has been closed for weeks, and has lost its marks; its month has not.
  await deleteOld(env.DB, first + 30);
  const again = await count([message], noonAt(first + 30));
  expect([[...again.fates.values()], again.late]).toEqual([['resent'], 0]);
  const cells = await readCells();
  expect(cells.get('2026-11|command|query')).toEqual([1, 7, 0, 0]);
  expect(cells.get('2026-W44|command|query')).toEqual([1, 7, 0, 0]);
  // And then the month is closed too.
  await count([message], noonAt(first + 37));
  expect(await readCells()).toEqual(cells);
});

it('counts 25 reports once that four consumers have at once, and fails none of them', async () => {
  const messages = await Promise.all(
    Array.from({ length: 25 }, () =>
      messageOf(
        reportOf([usageOf({ count: 3 })], {
          machine_id: crypto.randomUUID(),
          batch_id: crypto.randomUUID(),
        }),
        today,
      ),
    ),
  );
  // Each in another order, in batches of five: every batch meets others that share some of its reports.
  const consume = async (offset: number): Promise<StoreFate[]> => {
    const own = [...messages.slice(offset), ...messages.slice(0, offset)].map((each) => ({
      ...each,
    }));
    const batches = [0, 5, 10, 15, 20].map((from) => own.slice(from, from + 5));
    const results = await Promise.all(batches.map((batch) => count(batch, now)));
    return results.flatMap(({ fates }) => [...fates.values()]);
  };
  const fates = (await Promise.all([0, 3, 8, 14].map(consume))).flat();
  const counted = Map.groupBy(fates, (fate) => fate);
  expect(counted.get('stored')).toHaveLength(25);
  expect(counted.get('resent')).toHaveLength(75);
  expect((await readCells()).get('2026-W47|command|query')).toEqual([25, 75, 0, 0]);
});

it('bounds what one machine can add to a name on a day, over all its reports', async () => {
  const forged = (): Promise<QueueMessage> =>
    messageOf(
      reportOf(
        Array.from({ length: 100 }, () => usageOf({ count: 1_000_000, error_count: 1_000_000 })),
        { batch_id: crypto.randomUUID() },
      ),
      today,
    );
  await count([await forged(), await forged()], now);
  await count([await forged()], now);
  expect((await readCells()).get('2026-W47|command|query')).toEqual([1, 1_000, 1_000, 1]);
});

it('bounds it for two consumers that count the same machine at once', async () => {
  const bodies = Array.from({ length: 8 }, () =>
    reportOf([usageOf({ count: 300, error_count: 3 })], { batch_id: crypto.randomUUID() }),
  );
  const messages = await Promise.all(bodies.map((body) => messageOf(body, today)));
  const results = await Promise.all(messages.map((message) => count([message], now)));
  // Who was overtaken too often comes again.
  const later = messages.filter((each, at) => results[at]?.fates.get(each) === 'later');
  for (const message of later) await count([message], now);
  const [, uses] = (await readCells()).get('2026-W47|command|query') ?? [];
  expect(uses).toBe(1_000);
});

it('counts nothing into a closed period, and says how much came late', async () => {
  const event = usageOf({}, { ts: '2026-11-15T12:00:00.000Z' });
  const message = await messageOf(reportOf([event]), today);
  const { late } = await count([message], now);
  expect(late).toBe(1);
  // Its week is over for eight days; its month is not.
  expect([...(await readCells()).keys()].filter((key) => key.includes('machines'))).toEqual([
    '2026-11|machines|all',
  ]);
});

it('stays far below what D1 takes, whatever a batch of strangers holds', async () => {
  const versions = Array.from({ length: 100 }, (_, index) => `${index}.0.0`);
  const hostile = versions.map((codegraph_version) =>
    reportOf(
      Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0
          ? usageOf(
              {
                kind: 'mcp_tool',
                name: ['codegraph_search', 'codegraph_node', 'codegraph_impact'][index % 3],
                count: 1_000_000,
                error_count: 1_000_000,
                client_name: ['claude-code', 'cursor', 'codex', 'vscode', 'zed'][index % 5],
              },
              { ts: `2026-11-${String(1 + (index % 23)).padStart(2, '0')}T12:00:00.000Z` },
            )
          : {
              event: 'index',
              ts: `2026-11-${String(1 + (index % 23)).padStart(2, '0')}T12:00:00.000Z`,
              props: {
                languages: ['typescript', 'javascript', 'tsx', 'jsx', 'python', 'go', 'rust', 'c'],
                file_count_bucket: '100-1k',
                duration_bucket: '10-60s',
              },
            },
      ),
      { machine_id: crypto.randomUUID(), batch_id: crypto.randomUUID(), codegraph_version },
    ),
  );
  const messages = await Promise.all(hostile.map((body) => messageOf(body, today)));
  const seen = { bytes: 0, columns: 0, statements: 0 };
  const { fates } = await count(messages, now, measured(env.DB, seen));
  expect([...fates.values()].every((fate) => fate === 'stored')).toBe(true);
  // D1 refuses a value over 2 MB, over 100 bound columns, and 1,000 statements an invocation.
  expect(seen.bytes).toBeGreaterThan(50_000);
  expect(seen.bytes).toBeLessThan(500_000);
  expect(seen.columns).toBeLessThan(10);
  expect(seen.statements).toBeLessThan(200);
});

/** The same database; notes the largest value and the most columns that are bound. */
function measured(
  db: D1Database,
  seen: { bytes: number; columns: number; statements: number },
): D1Database {
  return {
    prepare: (sql: string) => {
      const statement = db.prepare(sql);
      return {
        bind: (...values: unknown[]) => {
          const sizes = values.map((value) => new TextEncoder().encode(String(value)).length);
          seen.bytes = Math.max(seen.bytes, sql.length, ...sizes);
          seen.columns = Math.max(seen.columns, values.length);
          seen.statements += 1;
          return statement.bind(...values);
        },
      };
    },
    batch: (statements: D1PreparedStatement[]) => db.batch(statements),
    // Only what the store uses of it.
  } as unknown as D1Database;
}
