import { expect, test } from 'vitest';
import { checkBatch } from './posthog-rules.ts';
import { startPostHogStandIn } from './posthog-stand-in.ts';

const event = {
  event: 'index',
  uuid: '00000000-0000-8000-8000-000000000001',
  distinct_id: 'machine',
  timestamp: '2026-11-22T12:00:00.000Z',
  properties: {},
};

const body = (changed: object, inner: object = {}): string =>
  JSON.stringify({ api_key: 'phc_any', batch: [{ ...event, ...inner }], ...changed });

// Sources: files of PostHog/posthog under rust/capture/src/.
test.each<[string, string, string, number]>([
  [
    'any key of the right shape',
    'token.rs: "we don\'t validate these against team lookup"',
    body({ api_key: 'anything' }),
    200,
  ],
  [
    'a key with a line break',
    'token.rs: trims_surrounding_whitespace',
    body({ api_key: 'phc_any\n' }),
    200,
  ],
  ['no key', 'token.rs: blocks_empty_tokens', body({ api_key: ' ' }), 401],
  ['a long key', 'token.rs: blocks_too_long_tokens', body({ api_key: 'x'.repeat(65) }), 401],
  ['a key that is not ASCII', 'token.rs: blocks_invalid_ascii', body({ api_key: '🦀' }), 401],
  ['a personal key', 'token.rs: blocks_personal_api_key', body({ api_key: 'phx_mine' }), 401],
  ['a key with a zero byte', 'token.rs: blocks_null_byte', body({ api_key: 'a\0b' }), 401],
  ['no JSON', 'v0_request.rs: RequestDecodingError', '{', 400],
  ['an empty batch', 'api.rs: CaptureError::EmptyBatch', body({ batch: [] }), 400],
  ['a bad uuid', 'v0_request.rs: RawEvent.uuid is an Option<Uuid>', body({}, { uuid: 'x' }), 400],
  ['no uuid', 'events/analytics.rs: a new one is made', body({}, { uuid: undefined }), 200],
  [
    'no distinct_id',
    'events/analytics.rs: MissingDistinctId',
    body({}, { distinct_id: undefined }),
    400,
  ],
  [
    'a long distinct_id',
    'events/analytics.rs: cut to 200 characters',
    body({}, { distinct_id: 'x'.repeat(300) }),
    200,
  ],
  [
    'an unreadable timestamp',
    'common/types/src/timestamp.rs: now is taken',
    body({}, { timestamp: 'soon' }),
    200,
  ],
  ['no event name', 'api.rs: CaptureError::MissingEventName', body({}, { event: '' }), 400],
])('answers to %s as in %s', (_, __, text, status) => {
  expect(checkBatch('/batch/', text).status).toBe(status);
});

test('with a key of no project it says 200 and keeps nothing, and only /flags/ tells', async () => {
  const posthog = await startPostHogStandIn({ knownKey: 'phc_ours' });
  const post = async (path: string, text: string): Promise<number> =>
    (await fetch(`${posthog.url}${path}`, { method: 'POST', body: text })).status;
  expect(await post('/batch/', body({ api_key: 'phc_of_another_region' }))).toBe(200);
  expect(posthog.events).toEqual([]);
  expect(await post('/batch/', body({ api_key: 'phc_ours' }))).toBe(200);
  expect(posthog.events).toHaveLength(1);
  expect(await post('/flags/?v=2', JSON.stringify({ token: 'phc_of_another_region' }))).toBe(401);
  expect(await post('/flags/?v=2', JSON.stringify({ token: 'phc_ours' }))).toBe(200);
  await posthog.stop();
});
