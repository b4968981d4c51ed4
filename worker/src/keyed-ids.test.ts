import { expect, it, test } from 'vitest';
import { openKeyedIds } from './keyed-ids.ts';

const keys = { uuidKey: 'u'.repeat(32), distinctKey: 'd'.repeat(32) };

test.each([
  ['a missing UUID_KEY', { ...keys, uuidKey: '' }],
  ['a short DISTINCT_KEY', { ...keys, distinctKey: 'd'.repeat(31) }],
])('refuses %s', async (_, bad) => {
  await expect(openKeyedIds(bad)).rejects.toThrow(TypeError);
});

// Changing these loses the recognition of every report that is on its way.
it('derives the ids it always derived', async () => {
  const ids = await openKeyedIds(keys);
  expect(await ids.eventUuid('machine', 'event')).toBe('4786aa3d-3ca7-8011-bec3-58a560ec7f22');
  expect(await ids.distinctId('machine', '2026-11')).toBe('5790e41c-9663-858e-b99d-546778ff5d17');
  expect(await ids.reportId('machine', 'batch')).toBe('0b0b890e-98d6-86df-920d-f570b417eaf4');
});

it('derives other ids from other keys', async () => {
  const [ours, theirs] = await Promise.all([
    openKeyedIds(keys),
    openKeyedIds({ uuidKey: 'v'.repeat(32), distinctKey: 'e'.repeat(32) }),
  ]);
  expect(await ours.eventUuid('m', 'e')).not.toBe(await theirs.eventUuid('m', 'e'));
  expect(await ours.distinctId('m', '2026-11')).not.toBe(await theirs.distinctId('m', '2026-11'));
});
