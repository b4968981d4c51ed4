import { createMessageBatch } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it, vi } from 'vitest';
import { eventNumbered, eventsNumbered } from '../../test/events.ts';
import type { Spending } from './budget.ts';
import { forward, type Delivered, type ForwardServices } from './forward.ts';
import worker from '../index.ts';
import type { AccountStore } from './account-store.ts';
import { writeMessage, type FrozenEvent, type QueueMessage } from '../ingest/message.ts';
import type { SinkAnswer } from './posthog.ts';
import type { Sums } from './tally.ts';

interface Run {
  readonly sums: Sums;
  /** `ack`, or the seconds to wait, of each message. */
  readonly answers: readonly ('ack' | number)[];
}

const message = (events: readonly FrozenEvent[]): unknown =>
  writeMessage({ id: 'report', events, sums: { received: 2, accepted: 1 } });

interface RunOptions extends Partial<ForwardServices> {
  readonly attempts?: number;
}

/** Forwards messages with these bodies to a sink with these answers. */
async function run(
  bodies: readonly unknown[],
  answer: (events: readonly FrozenEvent[]) => SinkAnswer,
  { attempts = 1, ...replaced }: RunOptions = {},
): Promise<Run> {
  const answers: ('ack' | number)[] = [];
  const messages = bodies.map((body, index): Delivered => ({
    body,
    attempts,
    ack: () => {
      answers[index] = 'ack';
    },
    retry: (options) => {
      answers[index] = options?.delaySeconds ?? 0;
    },
  }));
  const sink = { send: async (events: readonly FrozenEvent[]) => answer(events) };
  const sums = await forward(messages, {
    posthog: sink,
    budget: { hourly: 100, daily: 1_000 },
    account: accountWith({ hour: 0, day: 0 }),
    retry: { baseS: 15, random: () => 1 },
    now: Date.parse('2026-11-23T10:00:00Z'),
    canaries: new Set(),
    ...replaced,
  });
  return { sums, answers };
}

function accountWith(spending: Spending): AccountStore {
  return {
    readSpending: async () => spending,
    add: async () => {},
    readSums: async () => new Map(),
  };
}

const accept = (): SinkAnswer => ({ kind: 'accepted' });

it('acknowledges what the sink took, and brings the sums along', async () => {
  const { sums, answers } = await run(
    [message(eventsNumbered(1, 2)), message(eventsNumbered(3, 3))],
    accept,
  );
  expect(answers).toEqual(['ack', 'ack']);
  expect(sums).toEqual({ received: 4, accepted: 2, forwarded: 3 });
});

it('sends an event once that two messages hold', async () => {
  const sent: FrozenEvent[] = [];
  await run([message(eventsNumbered(1, 2)), message(eventsNumbered(1, 2))], (events) => {
    sent.push(...events);
    return accept();
  });
  expect(sent).toHaveLength(2);
});

it('changes nothing in an event', async () => {
  const sent: FrozenEvent[] = [];
  await run([message([eventNumbered(7)])], (events) => {
    sent.push(...events);
    return accept();
  });
  expect(sent).toEqual([eventNumbered(7)]);
});

it('acknowledges a message whose only fault is one bad event', async () => {
  const isBad = (events: readonly FrozenEvent[]): boolean =>
    events.some(({ uuid }) => uuid === eventNumbered(2).uuid);
  const { sums, answers } = await run(
    [message(eventsNumbered(1, 3)), message(eventsNumbered(4, 5))],
    (events) => (isBad(events) ? { kind: 'refused' } : accept()),
  );
  expect(answers).toEqual(['ack', 'ack']);
  expect(sums).toMatchObject({ forwarded: 4, refused_by_sink: 1 });
});

it.each([
  ['the first failure', 1, 0, 15],
  ['the second', 2, 0, 30],
  ['the third', 3, 0, 60],
  ['a sink that asks for more', 1, 500, 500],
])('waits longer after each failure: %s', async (_, attempts, retryAfterS, delay) => {
  const away = (): SinkAnswer => ({ kind: 'unavailable', retryAfterS });
  const { answers, sums } = await run([message([eventNumbered(1)])], away, { attempts });
  expect(answers).toEqual([delay]);
  expect(sums).toEqual({ retried: 1 });
});

it('waits an hour where only a person can help', async () => {
  const { answers } = await run([message([eventNumbered(1)])], () => ({ kind: 'misconfigured' }));
  expect(answers).toEqual([3_600]);
});

it('keeps a message of another version for that version', async () => {
  const { answers, sums } = await run(
    [{ m: 2, everything: 'new' }, message([eventNumbered(1)]), 'text', null],
    accept,
  );
  expect(answers).toEqual([3_600, 'ack', 3_600, 3_600]);
  expect(sums).toMatchObject({ unreadable: 3, forwarded: 1 });
});

it('loses nothing while nobody knows what was spent', async () => {
  const account = {
    ...accountWith({ hour: 0, day: 0 }),
    readSpending: async () => {
      throw new Error('D1 is overloaded');
    },
  };
  const { answers } = await run([message([eventNumbered(1)])], accept, { account });
  expect(answers).toEqual([15]);
});

it('forwards nothing when the budget is gone, and does not try again', async () => {
  const sent: FrozenEvent[] = [];
  const { answers, sums } = await run(
    [message(eventsNumbered(1, 3))],
    (events) => {
      sent.push(...events);
      return accept();
    },
    { account: accountWith({ hour: 120, day: 120 }) },
  );
  expect(sent).toEqual([]);
  expect(answers).toEqual(['ack']);
  expect(sums).toMatchObject({ over_budget: 3 });
});

it('keeps its own store within the budget too', async () => {
  const stored: QueueMessage[] = [];
  const daily = {
    add: async (messages: readonly QueueMessage[]) => {
      stored.push(...messages);
    },
  };
  const spent = accountWith({ hour: 120, day: 120 });
  const { answers } = await run([message(eventsNumbered(1, 3))], accept, { daily, account: spent });
  // Not even the id of the report, which would be a row for each of a flood.
  expect(stored).toEqual([]);
  expect(answers).toEqual(['ack']);
});

it('counts as spent what the sink took, also of a message that comes again', async () => {
  const spent: number[] = [];
  const account = {
    ...accountWith({ hour: 0, day: 0 }),
    add: async (_now: number, events: number) => {
      spent.push(events);
    },
  };
  let sends = 0;
  const goAway = (): SinkAnswer =>
    ++sends === 1 ? accept() : { kind: 'unavailable', retryAfterS: 30 };
  const { answers } = await run([message(eventsNumbered(1, 1_500))], goAway, { account });
  expect(answers).toEqual([30]);
  expect(spent).toEqual([1_000]);
});

it('acknowledges only what its own store has too', async () => {
  const daily = {
    add: async () => {
      throw new Error('D1 is overloaded');
    },
  };
  const { answers } = await run([message([eventNumbered(1)])], accept, { daily });
  expect(answers).toEqual([15]);
});

it('tells a canary from a report', async () => {
  const canaries = new Set([eventNumbered(2).uuid]);
  const { sums } = await run([message(eventsNumbered(1, 3))], accept, { canaries });
  expect(sums).toMatchObject({ canary_arrived: 1 });
});

it('counts a dead letter when it comes, not each time it is tried', async () => {
  const retry = { baseS: 15, fixedS: 43_200, random: () => 1 };
  const away = (): SinkAnswer => ({ kind: 'unavailable', retryAfterS: 0 });
  const first = await run([message([eventNumbered(1)])], away, { retry });
  expect(first).toEqual({ answers: [43_200], sums: { dead: 1, retried: 1 } });
  const second = await run([message([eventNumbered(1)])], away, { retry, attempts: 2 });
  expect(second).toEqual({ answers: [43_200], sums: { retried: 1 } });
  const unreadable = await run(['of a version to come'], away, { retry });
  expect(unreadable.answers).toEqual([43_200]);
});

it('tries dead letters every twelve hours', async () => {
  const batch = createMessageBatch('codegraph-events-dead', [
    { id: 'a', timestamp: 0, attempts: 1, body: message([eventNumbered(1)]) },
  ]);
  const [letter] = batch.messages;
  if (letter === undefined) throw new Error('no message');
  const retry = vi.spyOn(letter, 'retry');
  await worker.queue(batch, { ...env, POSTHOG_HOST: 'https://status-503.example' });
  expect(retry).toHaveBeenCalledWith({ delaySeconds: 43_200 });
});
