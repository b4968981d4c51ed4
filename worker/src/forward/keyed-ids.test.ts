import { expect, it, test } from 'vitest';
import { openKeyedIds } from './keyed-ids.ts';

const keys = { uuidKey: 'u'.repeat(32), distinctKey: 'd'.repeat(32) };

test.each([
  ['a missing UUID_KEY', { ...keys, uuidKey: '' }],
  ['a short DISTINCT_KEY', { ...keys, distinctKey: 'd'.repeat(31) }],
])('refuses %s', async (_, bad) => {
  await expect(openKeyedIds(bad)).rejects.toThrow(TypeError);
});

const machine = 'e0f087a2-15fa-4a29-b614-2d43b12089a9';
const other = 'aeb8257e-bc76-4014-923c-9e4d7beabebb';
const event = '7b1c6a34-9c0e-4a7f-8f55-0c8d5a1d2e9b';

// Changing these loses the recognition of every report that is on its way.
it('derives the ids it always derived', async () => {
  const ids = await openKeyedIds(keys);
  const { eventUuid, reportId, distinctId } = await ids.ofMachine(machine);
  expect(eventUuid(event)).toBe('02ef667d-b267-8be2-b221-57980b8288bf');
  expect(reportId(event)).toBe('7950dcac-c213-898a-af64-eb2a0c3d56c6');
  expect(await distinctId('2026-11')).toBe('e3620402-3538-8444-90ac-0e10b54b8c25');
});

it('gives each event of a machine an id of its own', async () => {
  const { eventUuid } = await (await openKeyedIds(keys)).ofMachine(machine);
  const eventIds = Array.from({ length: 1_000 }, () => crypto.randomUUID());
  const uuids = new Set(eventIds.map(eventUuid));
  expect(uuids.size).toBe(1_000);
  for (const uuid of uuids) {
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

it('derives other ids from another key, and for another machine', async () => {
  const ours = await openKeyedIds(keys);
  const theirs = await openKeyedIds({ uuidKey: 'v'.repeat(32), distinctKey: 'e'.repeat(32) });
  const machines = await Promise.all([
    ours.ofMachine(machine),
    ours.ofMachine(other),
    theirs.ofMachine(machine),
  ]);
  const made = machines.flatMap(({ eventUuid, reportId }) => [eventUuid(event), reportId(event)]);
  expect(new Set(made).size).toBe(6);
  const names = await Promise.all([
    machines[0].distinctId('2026-11'),
    machines[0].distinctId('2026-12'),
    machines[1].distinctId('2026-11'),
    machines[2].distinctId('2026-11'),
  ]);
  expect(new Set(names).size).toBe(4);
});

it('makes marks that are numbers of 53 bits, and no two alike', async () => {
  const { mark } = await openKeyedIds(keys);
  const values = Array.from({ length: 1_000 }, (_, index) => String(index));
  const marks = await Promise.all(values.map((value) => mark('cell', '2026-W47', 'os', value)));
  expect(new Set(marks).size).toBe(1_000);
  expect(marks.every((each) => Number.isSafeInteger(each))).toBe(true);
  expect(Math.max(...marks)).toBeGreaterThan(2 ** 52);
  // What stands in the database for good.
  expect(await mark('a', 'b')).toBe(4_270_854_480_999_396);
});

it('has an id for itself that only the key gives away', async () => {
  const ours = await openKeyedIds(keys);
  const theirs = await openKeyedIds({ ...keys, uuidKey: 'v'.repeat(32) });
  expect(ours.canaryId).not.toBe(theirs.canaryId);
  expect(ours.canaryId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/);
});
