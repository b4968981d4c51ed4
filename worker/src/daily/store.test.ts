import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { eventNumbered } from '../../test/events.ts';
import { dayNamed } from '../../test/services.ts';
import { closeDays } from './round.ts';
import { openDailyStore } from './store.ts';
import { maxVersions } from '../limits.ts';
import { writeMessage, type FrozenEvent, type QueueMessage } from '../ingest/message.ts';

const now = Date.parse('2026-11-23T10:00:00Z');
const store = openDailyStore(env.DB);

beforeEach(async () => {
  await env.DB.batch(
    ['daily', 'machines_today', 'counted_reports', 'sums', 'spending'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  );
});

function report(id: string, ...events: readonly Partial<FrozenEvent>[]): QueueMessage {
  return writeMessage({
    id,
    events: events.map((event, index) => ({ ...eventNumbered(index), ...event })),
    sums: {},
  });
}

async function rows(where: string): Promise<readonly unknown[][]> {
  const statement = `SELECT day, event, dimension, value, events, count, errors FROM daily WHERE ${where} ORDER BY 1, 2, 3, 4`;
  return env.DB.prepare(statement).raw();
}

const query = { kind: 'cli_command', name: 'query', count: 60, error_count: 2, os: 'linux' };

it('adds up usage by one dimension at a time', async () => {
  await store.add([report('a', { properties: query }), report('b', { properties: query })], now);
  await store.add([report('c', { properties: { ...query, os: 'darwin', count: 1 } })], now);
  expect(await rows('true')).toEqual([
    ['2026-11-22', 'usage_rollup', 'all', '', 3, 121, 6],
    ['2026-11-22', 'usage_rollup', 'cli_command', 'query', 3, 121, 6],
    ['2026-11-22', 'usage_rollup', 'os', 'darwin', 1, 1, 2],
    ['2026-11-22', 'usage_rollup', 'os', 'linux', 2, 120, 4],
  ]);
});

it('counts each member of a list', async () => {
  const properties = { languages: ['go', 'python'], duration_bucket: '<10s' };
  await store.add([report('a', { event: 'index', properties })], now);
  expect(await rows(`dimension <> 'all'`)).toEqual([
    ['2026-11-22', 'index', 'duration_bucket', '<10s', 1, 1, 0],
    ['2026-11-22', 'index', 'languages', 'go', 1, 1, 0],
    ['2026-11-22', 'index', 'languages', 'python', 1, 1, 0],
  ]);
});

it('lets a machine of a sample stand for those that are not in it', async () => {
  await store.add([report('a', { properties: { ...query, sample_rate: 0.01 } })], now);
  expect(await rows(`dimension = 'os'`)).toEqual([
    ['2026-11-22', 'usage_rollup', 'os', 'linux', 100, 6_000, 200],
  ]);
});

it('counts a report once, however often it comes', async () => {
  const message = report('a', { properties: query });
  await store.add([message, message], now);
  await store.add([message, report('b', { properties: query })], now);
  expect(await rows(`dimension = 'all'`)).toEqual([
    ['2026-11-22', 'usage_rollup', 'all', '', 2, 120, 4],
  ]);
});

it('counts all of a batch or nothing of it', async () => {
  await env.DB.prepare('ALTER TABLE machines_today RENAME TO away').run();
  await expect(store.add([report('a', { properties: query })], now)).rejects.toThrow(
    'machines_today',
  );
  await env.DB.prepare('ALTER TABLE away RENAME TO machines_today').run();
  expect(await rows('true')).toEqual([]);
  await store.add([report('a', { properties: query })], now);
  expect(await rows(`dimension = 'all'`)).toHaveLength(1);
});

it('does not let strangers invent versions without end', async () => {
  for (const batch of [0, 1]) {
    const messages = Array.from({ length: 200 }, (_, index) =>
      report(`${batch}-${index}`, {
        properties: { codegraph_version: `${batch}.${index}.0` },
      }),
    );
    await store.add(messages, now);
  }
  const versions = await rows(`dimension = 'codegraph_version'`);
  expect(versions).toHaveLength(maxVersions + 1);
  expect(versions.find((row) => row[3] === 'other')?.[4]).toBe(400 - maxVersions);
});

it('keeps no machine beyond its day, and nothing beyond its time', async () => {
  const machines = ['m1', 'm2', 'm2'].map((machine, index) =>
    report(`id-${index}`, { distinct_id: machine, properties: query }),
  );
  await store.add(machines, now);
  await closeDays(env.DB, dayNamed('2026-11-23'));
  expect(await rows(`event = 'machines'`)).toEqual([]);
  await closeDays(env.DB, dayNamed('2026-11-24'));
  await closeDays(env.DB, dayNamed('2026-11-24'));
  expect(await rows(`event = 'machines'`)).toEqual([
    ['2026-11-23', 'machines', 'all', '', 2, 2, 0],
  ]);
  const count = async (table: string): Promise<unknown> =>
    env.DB.prepare(`SELECT count(*) FROM ${table}`).first('count(*)');
  expect(await count('machines_today')).toBe(0);
  expect(await count('counted_reports')).toBe(3);
  await closeDays(env.DB, dayNamed('2026-12-01'));
  expect(await count('counted_reports')).toBe(0);
  expect(await count('daily')).toBeGreaterThan(0);
  await closeDays(env.DB, dayNamed('2027-12-29'));
  expect(await count('daily')).toBe(0);
});
