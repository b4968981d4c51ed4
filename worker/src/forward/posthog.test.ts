import { expect, it, test } from 'vitest';
import { eventNumbered } from '../../test/events.ts';
import { openPostHog, readRetryAfter } from './posthog.ts';

const send = (host: string): Promise<unknown> =>
  openPostHog({ host: `https://${host}`, key: 'phc_test' }).send([eventNumbered(1)]);

it('posts a packed batch with the key and without a time of sending', async () => {
  expect(await send('mirror.example')).toEqual({ kind: 'accepted' });
});

it('gives up on an answer that does not come', async () => {
  const sink = openPostHog({ host: 'https://stalled.example', key: 'phc_test', timeoutMs: 50 });
  expect(await sink.send([eventNumbered(1)])).toEqual({ kind: 'unavailable', retryAfterS: 0 });
});

test.each([
  ['status-200.example', { kind: 'accepted' }],
  ['status-400.example', { kind: 'refused' }],
  ['status-413.example', { kind: 'too_large' }],
  ['status-408.example', { kind: 'unavailable', retryAfterS: 0 }],
  ['status-425.example', { kind: 'unavailable', retryAfterS: 0 }],
  ['status-429.example', { kind: 'unavailable', retryAfterS: 0 }],
  ['wait-7-status-429.example', { kind: 'unavailable', retryAfterS: 7 }],
  ['wait-soon-status-503.example', { kind: 'unavailable', retryAfterS: 0 }],
  ['status-500.example', { kind: 'unavailable', retryAfterS: 0 }],
  ['status-401.example', { kind: 'misconfigured' }],
  ['status-404.example', { kind: 'misconfigured' }],
  ['status-302.example', { kind: 'misconfigured' }],
])('%s means %j', async (host, answer) => {
  expect(await send(host)).toEqual(answer);
});

const now = Date.parse('2026-11-23T10:00:00Z');

test.each([
  [null, 0],
  ['30', 30],
  [' 30 ', 30],
  ['-5', 0],
  ['1e9', 0],
  ['Mon, 23 Nov 2026 10:02:00 GMT', 120],
  ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
  ['soon', 0],
])('retry-after %s is %i seconds', (value, seconds) => {
  expect(readRetryAfter(value, now)).toBe(seconds);
});
