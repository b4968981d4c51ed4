import { describe, expect, it } from 'vitest';
import { eventNumbered, eventsNumbered } from '../../test/events.ts';
import { deliver, type Delivery } from './deliver.ts';
import type { FrozenEvent } from '../ingest/message.ts';
import type { Sink, SinkAnswer } from './posthog.ts';

interface RecordingSink extends Sink {
  readonly sent: (readonly FrozenEvent[])[];
}

function sinkThat(
  answer: (events: readonly FrozenEvent[], send: number) => SinkAnswer,
): RecordingSink {
  const sent: (readonly FrozenEvent[])[] = [];
  return {
    sent,
    send: async (events) => {
      sent.push(events);
      return answer(events, sent.length);
    },
  };
}

const accepted = { kind: 'accepted' } as const;
const refused = { kind: 'refused' } as const;
const bad = (events: readonly FrozenEvent[], ...numbers: number[]): boolean =>
  events.some(({ uuid }) => numbers.some((number) => eventNumbered(number).uuid === uuid));

function uuidsOf(delivery: Delivery, fate: string): string[] {
  return [...delivery.fates].filter(([, found]) => found === fate).map(([uuid]) => uuid);
}

it('sends one event of each uuid', async () => {
  const sink = sinkThat(() => accepted);
  const delivery = await deliver([...eventsNumbered(1, 3), ...eventsNumbered(2, 4)], sink);
  expect(sink.sent.map((events) => events.length)).toEqual([4]);
  expect(uuidsOf(delivery, 'accepted')).toHaveLength(4);
});

it('sends nothing when there is nothing', async () => {
  const sink = sinkThat(() => accepted);
  expect(await deliver([], sink)).toEqual({ fates: new Map(), retryAfterS: 0 });
  expect(sink.sent).toEqual([]);
});

it('sends bounded parts', async () => {
  const sink = sinkThat(() => accepted);
  await deliver(eventsNumbered(1, 2_500), sink);
  expect(sink.sent.map((events) => events.length)).toEqual([1_000, 1_000, 500]);
  const long = eventsNumbered(1, 900).map((event) => ({
    ...event,
    properties: { languages: ['x'.repeat(5_000)] },
  }));
  const bytes = sinkThat(() => accepted);
  await deliver(long, bytes);
  for (const part of bytes.sent) expect(JSON.stringify(part).length).toBeLessThan(1_001_000);
  expect(bytes.sent.flat()).toHaveLength(900);
});

describe('a bad event', () => {
  it.each([
    ['the first', [1]],
    ['the last', [1_000]],
    ['one in the middle', [333]],
    ['three of them', [1, 500, 501]],
  ])('%s never blocks its neighbours', async (_, numbers) => {
    const sink = sinkThat((events) => (bad(events, ...numbers) ? refused : accepted));
    const delivery = await deliver(eventsNumbered(1, 1_000), sink);
    expect(uuidsOf(delivery, 'refused')).toEqual(
      numbers.map((number) => eventNumbered(number).uuid),
    );
    expect(uuidsOf(delivery, 'accepted')).toHaveLength(1_000 - numbers.length);
    expect(delivery.trouble).toBeUndefined();
  });

  it('is not given up on while the sink takes nothing at all', async () => {
    const sink = sinkThat(() => refused);
    const delivery = await deliver(eventsNumbered(1, 1_000), sink);
    expect(uuidsOf(delivery, 'later')).toHaveLength(1_000);
    expect(delivery.trouble).toBe('refused_everything');
    expect(sink.sent.length).toBeLessThanOrEqual(200);
  });
});

it('halves a part that is too large', async () => {
  const sink = sinkThat((events) => (events.length > 300 ? { kind: 'too_large' } : accepted));
  const delivery = await deliver(eventsNumbered(1, 1_000), sink);
  expect(sink.sent.map((events) => events.length)).toEqual([1_000, 500, 250, 250, 500, 250, 250]);
  expect(uuidsOf(delivery, 'accepted')).toHaveLength(1_000);
});

it('finds a bad event also when the sink stumbles every third time', async () => {
  const sink = sinkThat((events, send) => {
    if (send % 3 === 0) return { kind: 'unavailable', retryAfterS: 0 };
    return bad(events, 333) ? refused : accepted;
  });
  const delivery = await deliver(eventsNumbered(1, 1_000), sink);
  expect(uuidsOf(delivery, 'refused')).toEqual([eventNumbered(333).uuid]);
  expect(uuidsOf(delivery, 'accepted')).toHaveLength(999);
});

it('asks a sink that is away twice and no more', async () => {
  const sink = sinkThat(() => ({ kind: 'unavailable', retryAfterS: 0 }));
  expect(await deliver(eventsNumbered(1, 3_000), sink)).toMatchObject({ trouble: 'unavailable' });
  expect(sink.sent).toHaveLength(2);
});

it('leaves a sink alone that asks for time', async () => {
  const sink = sinkThat(() => ({ kind: 'unavailable', retryAfterS: 1 }));
  await deliver(eventsNumbered(1, 3), sink);
  expect(sink.sent).toHaveLength(1);
});

it('stops at a sink that went away, and keeps what it had taken before', async () => {
  const sink = sinkThat((_, send) =>
    send === 1 ? accepted : { kind: 'unavailable', retryAfterS: 30 },
  );
  const delivery = await deliver(eventsNumbered(1, 3_000), sink);
  expect(sink.sent).toHaveLength(2);
  expect(uuidsOf(delivery, 'accepted')).toHaveLength(1_000);
  expect(uuidsOf(delivery, 'later')).toHaveLength(2_000);
  expect(delivery).toMatchObject({ trouble: 'unavailable', retryAfterS: 30 });
});

it('stops at a wrong key', async () => {
  const delivery = await deliver(
    eventsNumbered(1, 3),
    sinkThat(() => ({ kind: 'misconfigured' })),
  );
  expect(delivery).toMatchObject({ trouble: 'misconfigured' });
  expect(uuidsOf(delivery, 'later')).toHaveLength(3);
});
