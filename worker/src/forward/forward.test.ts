import { createMessageBatch } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it, vi } from 'vitest';
import { eventNumbered, eventsNumbered } from '../../test/events.ts';
import type { Spending } from './budget.ts';
import { forward } from './forward.ts';
import type { Delivered } from './held.ts';
import type { ForwardServices } from './prepare.ts';
import type { StatisticsStore, StoreFate } from '../statistics/store.ts';
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

let lastId = 0;

const message = (events: readonly FrozenEvent[], id = `report-${++lastId}`): unknown =>
  writeMessage({ id, events, weeks: {}, sums: { received: 2, accepted: 1 } });

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
    budgets: { posthog: budget, d1: budget },
    account: accountWith({ hour: 0, day: 0 }),
    allowances: { cut: async (all) => all.map(({ events }) => events), charge: async () => {} },
    readRates: async () => new Map(),
    bookReports: async (ids) => new Set(ids),
    retry: { baseS: 15, random: () => 1 },
    now: Date.parse('2026-11-23T10:00:00Z'),
    canaries: { machines: new Set(), sent: new Map() },
    ...replaced,
  });
  return { sums, answers };
}

const budget = { hourly: 10_000, daily: 100_000 };

/** An account in memory; `spent` shows what is booked at PostHog. */
function accountWith(spending: Spending): AccountStore & { readonly spent: Spending } {
  const spent = { ...spending };
  const book = async (sink: string, events: number): Promise<Spending> => {
    if (sink === 'posthog') {
      spent.hour += events;
      spent.day += events;
      return { ...spent };
    }
    return { hour: spending.hour + events, day: spending.day + events };
  };
  return {
    spent,
    reserve: book,
    release: async (sink, events) => {
      await book(sink, -events);
    },
    readSpending: async () => spent,
    add: async () => {},
    readSums: async () => new Map(),
    sign: async () => {},
    readSigns: async () => new Map(),
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
    [{ m: 3, everything: 'new' }, message([eventNumbered(1)]), 'text', null],
    accept,
  );
  expect(answers).toEqual([3_600, 'ack', 3_600, 3_600]);
  expect(sums).toMatchObject({ unreadable: 3, forwarded: 1 });
});

it('sends nothing and loses nothing while the budget cannot be booked', async () => {
  const account = {
    ...accountWith({ hour: 0, day: 0 }),
    reserve: async () => {
      throw new Error('D1 takes no writes');
    },
  };
  let sends = 0;
  const countSends = (): SinkAnswer => {
    sends += 1;
    return accept();
  };
  const { answers } = await run([message([eventNumbered(1)])], countSends, { account });
  expect(answers).toEqual([15]);
  expect(sends).toBe(0);
});

it('forwards nothing when the budget is gone, and does not try again', async () => {
  const sent: FrozenEvent[] = [];
  const { answers, sums } = await run(
    [message(eventsNumbered(1, 3))],
    (events) => {
      sent.push(...events);
      return accept();
    },
    { account: accountWith({ hour: 12_000, day: 12_000 }) },
  );
  expect(sent).toEqual([]);
  expect(answers).toEqual(['ack']);
  expect(sums).toMatchObject({ over_budget: 3 });
});

const storeOf = (fate: StoreFate, stored: QueueMessage[] = []): StatisticsStore => ({
  add: async (messages) => {
    stored.push(...messages);
    return { fates: new Map(messages.map((each) => [each, fate])), late: 0 };
  },
});

it('keeps its own store within the budget too', async () => {
  const stored: QueueMessage[] = [];
  const { answers, sums } = await run([message(eventsNumbered(1, 3))], accept, {
    statistics: storeOf('stored', stored),
    account: accountWith({ hour: 12_000, day: 12_000 }),
  });
  // Not even the id of the report, which would be a row for each of a flood.
  expect(stored).toEqual([]);
  expect(answers).toEqual(['ack']);
  expect(sums).toMatchObject({ over_budget: 3, over_store_budget: 3 });
});

it('books what the sink took, also of a message that comes again', async () => {
  const account = accountWith({ hour: 0, day: 0 });
  let sends = 0;
  const goAway = (): SinkAnswer =>
    ++sends === 1 ? accept() : { kind: 'unavailable', retryAfterS: 30 };
  const { answers } = await run([message(eventsNumbered(1, 1_500))], goAway, { account });
  expect(answers).toEqual([30]);
  expect(account.spent).toEqual({ hour: 1_000, day: 1_000 });
});

it('has booked everything before the first byte goes out', async () => {
  const account = accountWith({ hour: 0, day: 0 });
  const booked: number[] = [];
  const look = (): SinkAnswer => {
    booked.push(account.spent.hour);
    return accept();
  };
  await run([message(eventsNumbered(1, 1_500))], look, { account });
  expect(booked).toEqual([1_500, 1_500]);
});

it('acknowledges only what its own store has too', async () => {
  const later = await run([message([eventNumbered(1)])], accept, { statistics: storeOf('later') });
  expect(later.answers).toEqual([15]);
  const refused = await run([message([eventNumbered(1)])], accept, {
    statistics: storeOf('refused'),
  });
  expect(refused.answers).toEqual(['ack']);
  expect(refused.sums).toMatchObject({ forwarded: 1, refused_by_store: 1 });
});

it('tells fresh reports from resends, with a store of its own and without', async () => {
  const again = await run([message(eventsNumbered(1, 3))], accept, {
    statistics: storeOf('resent'),
  });
  expect(again.sums).toEqual({ received: 2, accepted: 1, resent: 3 });
  const booked = await run([message(eventsNumbered(1, 3))], accept, {
    bookReports: async () => new Set(),
  });
  expect(booked.sums).toEqual({ received: 2, accepted: 1, resent: 3 });
  const twice = await run(
    [message(eventsNumbered(1, 3), 'one'), message(eventsNumbered(1, 3), 'one')],
    accept,
  );
  expect(twice.sums).toMatchObject({ forwarded: 3, resent: 3 });
});

it('forwards the machines of its sample, and says the rate', async () => {
  const machine = (start: string, number: number): FrozenEvent => ({
    ...eventNumbered(number),
    distinct_id: `${start}000000-0000-8000-8000-000000000000`,
  });
  const sent: FrozenEvent[] = [];
  const { sums } = await run(
    [message([machine('20', 1)]), message([machine('90', 2), machine('90', 3)])],
    (events) => {
      sent.push(...events);
      return accept();
    },
    { readRates: async (_, periods) => new Map(periods.map((period) => [period, 1 / 2])) },
  );
  expect(sent).toMatchObject([{ uuid: eventNumbered(1).uuid, properties: { sample_rate: 0.5 } }]);
  expect(sums).toMatchObject({ forwarded: 1, sampled_out: 2 });
});

it('sends nothing of a machine that is held back anywhere, and charges it nothing', async () => {
  const [sent, stored, charged]: [FrozenEvent[], QueueMessage[], QueueMessage[]] = [[], [], []];
  const { answers, sums } = await run(
    [message([eventNumbered(1)]), message([eventNumbered(2)])],
    (events) => {
      sent.push(...events);
      return accept();
    },
    {
      statistics: storeOf('stored', stored),
      newcomers: { look: async () => ['held', 'known'] },
      allowances: {
        cut: async (all) => all.map(({ events }) => events),
        charge: async (messages) => {
          charged.push(...messages);
        },
      },
    },
  );
  expect(answers).toEqual(['ack', 'ack']);
  expect(sent).toEqual([eventNumbered(2)]);
  expect(stored.map(({ events }) => events)).toEqual([[eventNumbered(2)]]);
  expect(charged.map(({ events }) => events)).toEqual([[eventNumbered(2)]]);
  expect(sums).toMatchObject({ known: 1, newcomers: 1, newcomers_held: 1, stored: 1 });
  expect(sums.sampled_out).toBeUndefined();
});

it('knows its own report, which is in every sample', async () => {
  const canary = eventNumbered(2);
  const machines = new Set([canary.distinct_id]);
  const { sums } = await run([message([canary])], accept, {
    canaries: { machines, sent: new Map() },
    readRates: async (_, periods) => new Map(periods.map((period) => [period, 0])),
  });
  expect(sums).toMatchObject({ canary_arrived: 1, forwarded: 1 });
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
