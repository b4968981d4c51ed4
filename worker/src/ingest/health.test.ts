import { env } from 'cloudflare:workers';
import { expect, it, test } from 'vitest';
import { dayNamed } from '../../test/services.ts';
import { readHealth, type Health } from './health.ts';
import { Isolate } from '../services.ts';

const today = dayNamed('2026-11-23');

function healthAfter(days: Readonly<Record<string, Record<string, number>>>): Promise<Health> {
  return readHealth({
    account: {
      readSums: async () => new Map(Object.entries(days)),
      readSpending: async () => ({ hour: 0, day: 0 }),
      add: async () => {},
    },
    budget: { hourly: 1, daily: 1 },
    today,
    now: 0,
  });
}

const sent = { accepted: 5, canary_sent: 1 };
const arrived = { ...sent, canary_arrived: 1 };

test.each([
  ['nothing has happened yet', {}, true],
  ['it was set up today', { '2026-11-23': { accepted: 5 } }, true],
  ["yesterday's canary arrived", { '2026-11-22': arrived }, true],
  ["today's is on its way", { '2026-11-22': arrived, '2026-11-23': sent }, true],
  ['the first one is lost', { '2026-11-23': sent }, false],
  ["yesterday's is lost", { '2026-11-22': sent, '2026-11-23': { accepted: 5 } }, false],
  ['none is sent any more', { '2026-11-22': { accepted: 5 } }, false],
])('when %s', async (_, days, isOk) => {
  expect(await healthAfter(days)).toMatchObject({ ok: isOk, days });
});

it('is read once by however many ask', async () => {
  const isolate = new Isolate();
  const first = await isolate.readHealth(env);
  // A database that would fail if it were asked.
  const broken = { ...env, DB: undefined as never };
  expect(await isolate.readHealth(broken)).toBe(first);
  await expect(new Isolate().readHealth(broken)).rejects.toThrow(TypeError);
});
