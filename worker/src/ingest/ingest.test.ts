import { describe, expect, it, test } from 'vitest';
import { machineId, postOf, reportOf, usageOf } from '../../test/reports.ts';
import { openTestServices } from '../../test/services.ts';
import { publishedClient, reports } from '../../test/vectors.ts';
import { answerReport } from './answers.ts';
import { postOfCanary, writeCanary } from '../hourly/canary.ts';
import { ingest } from './ingest.ts';
import { maxBodyBytes } from '../limits.ts';
import { readMessage } from './message.ts';
import { drawDelayS } from '../services.ts';

const good = reportOf([usageOf()]);

describe('refuses', () => {
  test.each([
    ['a packed body', postOf(good, { contentEncoding: 'gzip' }), 'content_encoding', 415],
    [
      'an unpacked body that says so',
      postOf(good, { contentEncoding: 'identity' }),
      'content_encoding',
      415,
    ],
    ['text', postOf(good, { contentType: 'text/plain' }), 'content_type', 415],
    ['a body without a type', postOf(good, { contentType: null }), 'content_type', 415],
    ['a body over 64 KiB', postOf(' '.repeat(maxBodyBytes + 1)), 'too_long', 413],
    ['no body', postOf(good, { body: null }), 'not_json', 400],
    ['garbage', postOf('garbage'), 'not_json', 400],
    ['a report without a machine', postOf({ events: [] }), 'bad_envelope', 400],
  ] as const)('%s', async (_, request, outcome, status) => {
    const services = await openTestServices();
    expect(await ingest(request, services)).toBe(outcome);
    expect(answerReport(outcome).status).toBe(status);
    expect(services.messages).toEqual([]);
    expect(services.tally.take()).toEqual({ received: 1, [`refused_${outcome}`]: 1 });
  });

  it('every readable report while the breaker is open, and charges it for no other', async () => {
    let charged = 0;
    const services = await openTestServices({
      hasCapacity: async () => {
        charged += 1;
        return false;
      },
    });
    expect(await ingest(postOf('x'), services)).toBe('not_json');
    expect(await ingest(postOf({ events: [] }), services)).toBe('bad_envelope');
    expect(await ingest(postOf(' '.repeat(maxBodyBytes + 1)), services)).toBe('too_long');
    expect(charged).toBe(0);
    expect(await ingest(postOf(good), services)).toBe('overload');
    expect(charged).toBe(1);
  });

  it('a flood of bad bodies without a word, and keeps its count', async () => {
    let kept = 0;
    const services = await openTestServices({
      hasRoomForBad: async () => false,
      keepTally: () => {
        kept += 1;
      },
    });
    expect(await ingest(postOf('x'), services)).toBe('overload');
    expect(await ingest(postOf(good), services)).toBe('accepted');
    expect(kept).toBe(1);
  });

  it('nothing of its own, whatever the limiters say', async () => {
    const services = await openTestServices({
      hasCapacity: async () => false,
      isWithinRate: async () => false,
    });
    const canary = await writeCanary(Date.parse('2026-11-23T10:00:00Z'), 'inside', services.ids);
    expect(await ingest(postOfCanary(canary), services)).toBe('accepted');
    expect(services.messages[0]?.events).toMatchObject([{ properties: { ci: true } }]);
  });

  it('a version that is told to stop', async () => {
    const services = await openTestServices({
      isGone: ({ codegraph_version: version }) => version === '1.6.1',
    });
    expect(await ingest(postOf(good), services)).toBe('gone');
    expect(answerReport('gone').status).toBe(410);
    const newer = reportOf([usageOf()], { codegraph_version: '1.7.0' });
    expect(await ingest(postOf(newer), services)).toBe('accepted');
  });

  it('a machine over its rate, by a hash and whatever the case of its id', async () => {
    const asked: string[] = [];
    const services = await openTestServices({
      isWithinRate: async (machine) => {
        asked.push(machine);
        return false;
      },
    });
    const upper = reportOf([usageOf()], { machine_id: machineId.toUpperCase() });
    expect(await ingest(postOf(upper), services)).toBe('rate');
    expect(await ingest(postOf(good), services)).toBe('rate');
    const [first, second] = asked;
    expect(second).toBe(first);
    expect(first).not.toBe(machineId);
    expect(services.messages).toEqual([]);
  });

  it('what the queue does not take, and keeps its sums for the next message', async () => {
    let isDown = true;
    const services = await openTestServices({
      enqueue: async () => {
        if (isDown) throw new Error('Too Many Requests');
      },
    });
    expect(await ingest(postOf(good), services)).toBe('queue');
    isDown = false;
    expect(await ingest(postOf(good), services)).toBe('accepted');
    expect(services.tally.take()).toEqual({ accepted: 1 });
  });
});

test.each([
  ['rate', '60'],
  ['overload', '120'],
  ['queue', '120'],
] as const)('says when to come again: %s', (outcome, retryAfter) => {
  expect(answerReport(outcome).headers.get('retry-after')).toBe(retryAfter);
});

it('waits for the queue before it says yes', async () => {
  const stored = Promise.withResolvers<void>();
  const services = await openTestServices({ enqueue: () => stored.promise });
  let outcome = '';
  const done = ingest(postOf(good), services).then((result) => (outcome = result));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(outcome).toBe('');
  stored.resolve();
  expect(await done).toBe('accepted');
});

it('holds a report back for a time of its own, and the canary not at all', async () => {
  const delays: number[] = [];
  const drawn = [0, 43_200, 7];
  const services = await openTestServices({
    drawDelayS: () => drawn.shift() ?? NaN,
    enqueue: async (_, delayS) => {
      delays.push(delayS);
    },
  });
  for (let sent = 0; sent < 3; sent++) await ingest(postOf(good), services);
  const canary = await writeCanary(Date.parse('2026-11-23T10:00:00Z'), 'inside', services.ids);
  await ingest(postOfCanary(canary), services);
  expect(delays).toEqual([0, 43_200, 7, 0]);
});

test.each([
  [43_200, 0, 0],
  [43_200, 0.5, 21_600],
  [43_200, 0.999_999_999, 43_200],
  [100_000, 0.999_999_999, 43_200],
  [0, 0.999_999_999, 0],
  [-1, 0.999_999_999, 0],
])('the delay of at most %i s, drawn at %d, is %i s', (maxS, random, delayS) => {
  expect(drawDelayS(maxS, random)).toBe(delayS);
});

it('says yes to a report of which nothing can be kept, and queues nothing', async () => {
  const services = await openTestServices();
  expect(await ingest(postOf(reportOf([{ event: 'constructor' }])), services)).toBe('accepted');
  expect(services.messages).toEqual([]);
  expect(services.tally.take()).toEqual({ received: 1, dropped_unknown_event: 1, accepted: 1 });
});

it('takes 64 KiB to the byte', async () => {
  const text = JSON.stringify(good);
  const services = await openTestServices();
  const padded = text + ' '.repeat(maxBodyBytes - text.length);
  expect(await ingest(postOf(padded), services)).toBe('accepted');
});

it('puts the same message into the queue for the same report', async () => {
  const services = await openTestServices();
  await ingest(postOf(good), services);
  await ingest(postOf(good, { contentType: 'application/json; charset=utf-8' }), services);
  const [first, second] = services.messages;
  expect(second).toEqual({ ...first, sums: { ...second?.sums } });
});

describe('takes every recorded body', () => {
  test.each([...publishedClient, ...reports])('%s', async (_, body) => {
    const services = await openTestServices();
    expect(await ingest(postOf(body), services)).toBe('accepted');
    const [message] = services.messages;
    expect(readMessage(JSON.parse(JSON.stringify(message)))).toBeDefined();
    const sent = (body as { events: { event: string; ts: string; props: object }[] }).events;
    expect(message?.events.map(({ event, timestamp }) => [event, timestamp])).toEqual(
      sent.map(({ event, ts }) => [event, `${ts.slice(0, 10)}T12:00:00.000Z`]),
    );
    // Nothing of a client that keeps to the lists is lost or changed.
    sent.forEach(({ props }, index) => {
      expect(message?.events[index]?.properties).toMatchObject(props);
    });
  });
});
