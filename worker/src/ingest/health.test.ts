import { env } from 'cloudflare:workers';
import { expect, it, test } from 'vitest';
import type { Sign } from '../forward/account-store.ts';
import { Isolate } from '../services.ts';
import { readHealth } from './health.ts';

const now = Date.parse('2026-11-23T10:00:00Z');

test.each<[string, Readonly<Record<string, Sign>>, boolean]>([
  ['no round was yet', {}, true],
  ['the last round found nothing', { round: { at: now - 3_600_000, value: 0 } }, true],
  ['the last round found something', { round: { at: now - 1, value: 2 } }, false],
  ['there are no rounds any more', { round: { at: now - 3 * 3_600_000, value: 0 } }, false],
])('when %s', async (_, signs, isOk) => {
  const readSigns = async (): Promise<ReadonlyMap<string, Sign>> => new Map(Object.entries(signs));
  expect(await readHealth({ readSigns }, now)).toEqual({ ok: isOk });
});

it('is read once by however many ask', async () => {
  const isolate = new Isolate();
  const first = await isolate.readHealth(env);
  // A database that would fail if it were asked.
  const broken = { ...env, DB: undefined as never };
  expect(await isolate.readHealth(broken)).toBe(first);
  await expect(new Isolate().readHealth(broken)).rejects.toThrow(TypeError);
});
