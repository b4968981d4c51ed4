import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import * as v from 'valibot';
import { usageProps } from '../../contract/report/allowlist.ts';
import { formatDay } from '../../contract/day.ts';
import type { Frame, FrameCounter, FrameEvent } from '../../contract/frame.ts';
import { emptyLedger, type Ledger } from '../../contract/ledger.ts';
import { maxCount, maxCountersPerDay, maxEventsPerReport } from '../../contract/limits.ts';
import { clientNames, cliNames } from '../../contract/report/lists.ts';
import { frameOf, framesOf, once, queries } from '../../spec/support/frames.ts';
import { Calendar } from './calendar.ts';
import { dropLostDays, rollUp } from './roll-up.ts';

const today = 20_780;

function rolledUp(...frames: readonly Frame[]): Ledger {
  const ledger = emptyLedger();
  rollUp(ledger, once(...frames));
  return ledger;
}

function usageOf(...counters: readonly FrameCounter[]): unknown {
  return rolledUp(frameOf(today, counters)).days[formatDay(today)]?.usage;
}

const query = { kind: 'cli_command', name: 'query', count: 1, error_count: 0 };
const explore = { kind: 'mcp_tool', name: 'codegraph_explore', count: 1, error_count: 0 };

test.each<[what: string, day: number]>([
  ['of 1970', 0],
  ['of yesterday', today - 1],
  ['of the last year that can be written', 2_932_896],
])('a day is booked that is %s', (_, day) => {
  expect(Object.keys(rolledUp(frameOf(day, [queries(1)])).days)).toEqual([formatDay(day)]);
});

it.each([2_932_897, 0xffffffff])(
  'counts calls of a day that no calendar has as lost: %i',
  (day) => {
    const counters: FrameCounter[] = [queries(5), [0, 'sync', 2, 0]];
    const ledger = rolledUp(frameOf(day, counters, { events: [index] }));
    expect(ledger.days).toEqual({});
    expect(ledger.lost.out_of_date).toBe(8);
  },
);

it('drops open days that are lost, and counts their calls and events', () => {
  const counters: FrameCounter[] = [queries(7), [0, 'sync', 2, 0]];
  const ledger = rolledUp(
    frameOf(today - 31, counters, { events: [index] }),
    frameOf(today, [queries(1)]),
  );
  ledger.days['2026-13-45'] = { usage: [], events: [] };
  ledger.flush_days = [formatDay(today - 1)];
  dropLostDays(ledger, new Calendar(ledger, today + 1));
  expect(Object.keys(ledger.days)).toEqual([formatDay(today)]);
  expect(ledger.lost.out_of_date).toBe(10);
});

describe('words that are on no list', () => {
  test.each<[what: string, counter: FrameCounter, usage: object]>([
    ['a name', [0, '/home/alice', 1, 0], { ...query, name: 'other' }],
    ['a tool’s name of a command', [0, 'codegraph_search', 1, 0], { ...query, name: 'other' }],
    ['a tool', [1, '__proto__', 1, 0], { ...explore, name: 'other' }],
    ['a client', [1, 'codegraph_explore', 1, 0, 'alice'], { ...explore, client_name: 'other' }],
    ['a client’s spelling', [0, 'query', 1, 0, 'Claude Code'], { ...query, client_name: 'other' }],
    ['a version', [0, 'query', 1, 0, 'zed', 'alice'], { ...query, client_name: 'zed' }],
    ['a whole version', [0, 'query', 1, 0, 'zed', '1.2.3'], { ...query, client_name: 'zed' }],
  ])('become `other` or are left out: %s', (_, counter, usage) => {
    expect(usageOf(counter)).toEqual([usage]);
  });

  it('meet in one total', () => {
    expect(usageOf([0, 'alice', 2, 1], [0, 'bob', 3, 0], [0, 'other', 1, 0])).toEqual([
      { ...query, name: 'other', count: 6, error_count: 1 },
    ]);
  });
});

describe('numbers', () => {
  test.each<[what: string, counters: readonly FrameCounter[], usage: readonly object[]]>([
    ['no calls are no usage', [queries(0, 1)], []],
    [
      'more errors than calls are all of them',
      [queries(2, 5)],
      [{ ...query, count: 2, error_count: 2 }],
    ],
    ['counts end at the bound', [queries(maxCount), queries(1)], [{ ...query, count: maxCount }]],
    [
      'so do the largest',
      [queries(0xffffffff, 0xffffffff)],
      [{ ...query, count: maxCount, error_count: maxCount }],
    ],
  ])('%s', (_, counters, usage) => {
    expect(usageOf(...counters)).toEqual(usage);
  });

  it('keep what found no room', () => {
    const dropped = { dropped: 0xffffffff };
    const ledger = rolledUp(frameOf(today, [], dropped), frameOf(0, [], dropped));
    expect(ledger.lost.no_room).toBe(2 * 0xffffffff);
  });
});

const index: FrameEvent = [
  'index',
  { languages: ['go'], file_count_bucket: '<100', duration_bucket: '<10s' },
];

describe('lifecycle events', () => {
  test.each<[what: string, event: FrameEvent]>([
    ['of a strange name', ['alice', {}]],
    ['of usage, which has no event', ['usage_rollup', query]],
    ['with a key more', ['index', { ...index[1], cwd: '/home/alice' }]],
    ['with a language that is none', ['index', { ...index[1], languages: ['klingon'] }]],
    ['with an exact number', ['index', { ...index[1], file_count_bucket: '317' }]],
    ['with a list in place of props', ['index', ['go'] as unknown as FrameEvent[1]]],
  ])('are lost %s', (_, event) => {
    const { days, lost } = rolledUp(frameOf(today, [], { events: [event] }));
    expect(days[formatDay(today)]?.events).toEqual([]);
    expect(lost.unlisted).toBe(1);
  });

  it('are booked as they are, up to the bound of a day', () => {
    const events = Array.from({ length: maxEventsPerReport + 5 }, () => index);
    const { days, lost } = rolledUp(frameOf(today, [], { events }));
    expect(days[formatDay(today)]?.events).toEqual(
      Array.from({ length: maxEventsPerReport }, () => ({ event: 'index', props: index[1] })),
    );
    expect(lost.unlisted).toBe(5);
  });
});

it('loses versions, never counts, when a client has more than four on a day', () => {
  const counters = Array.from({ length: 50 }, (_, number): FrameCounter => [
    1,
    'codegraph_explore',
    1,
    0,
    'zed',
    `1.${number}`,
  ]);
  const usage = rolledUp(frameOf(today, counters)).days[formatDay(today)]?.usage ?? [];
  expect(usage.map(({ client_version }) => client_version)).toEqual([
    '1.0',
    '1.1',
    '1.2',
    '1.3',
    undefined,
  ]);
  expect(usage.at(-1)).toEqual({ ...explore, client_name: 'zed', count: 46 });
});

it('knows the versions of a day from one roll-up to the next, and of each client by itself', () => {
  const ledger = emptyLedger();
  const counterOf = (client: string, number: number): FrameCounter => {
    return [1, 'codegraph_explore', 1, 0, client, `1.${number}`];
  };
  for (let number = 0; number < 9; number++) {
    rollUp(ledger, once(frameOf(today, [counterOf('zed', number), counterOf('amp', number)])));
  }
  const usage = ledger.days[formatDay(today)]?.usage ?? [];
  const versions = usage.map(
    ({ client_name, client_version }) => `${client_name} ${client_version}`,
  );
  expect(versions).toHaveLength(10);
  expect(usage.filter(({ client_version }) => client_version === undefined)).toHaveLength(2);
});

it('loses versions, never counts, when a day has too many identities', () => {
  const counters = cliNames.flatMap((name) =>
    clientNames.flatMap((client) =>
      ['1.0', '1.1'].map((version): FrameCounter => [0, name, 1, 0, client, version]),
    ),
  );
  const usage = rolledUp(frameOf(today, counters)).days[formatDay(today)]?.usage ?? [];
  const versioned = usage.filter(({ client_version }) => client_version !== undefined);
  expect(versioned).toHaveLength(maxCountersPerDay);
  expect(usage.reduce((sum, { count }) => sum + count, 0)).toBe(counters.length);
});

it('makes one total of each identity, in whatever order and however often frames come', () => {
  const frames = fc.array(framesOf(today - 1, today), { maxLength: 8 });
  const shuffled = frames.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      const sorted = ({ days }: Ledger): unknown =>
        Object.entries(days)
          .flatMap(([day, { usage }]) => usage.map((each) => `${day} ${JSON.stringify(each)}`))
          .toSorted();
      const inPieces = emptyLedger();
      for (const frame of other) rollUp(inPieces, once(frame));
      expect(sorted(inPieces)).toEqual(sorted(rolledUp(...all)));
    }),
  );
});

it('books a frame that is there again each time, as it books its copies', () => {
  const frame = frameOf(today, [queries(2, 1)], { events: [index], dropped: 3 });
  const old = frameOf(today - 31, [queries(1)], { events: [index] });
  const copies = Array.from({ length: 3 }, () => structuredClone([frame, old])).flat();
  expect(rolledUp(frame, old, frame, old, frame, old)).toEqual(rolledUp(...copies));
});

it('books nothing that the allowlist refuses, whatever a frame says', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('query', 'codegraph_node', 'zed', '1.0'));
  const number = fc.nat({ max: 0xffffffff });
  const counter = fc
    .tuple(fc.constantFrom<(0 | 1)[]>(0, 1), word, number, number, fc.array(word, { maxLength: 2 }))
    .map(([kind, name, calls, errors, client]): FrameCounter => [
      kind,
      name,
      calls,
      errors,
      ...client,
    ]);
  fc.assert(
    fc.property(fc.array(counter), (counters) => {
      const usage = rolledUp(frameOf(today, counters)).days[formatDay(today)]?.usage;
      expect(v.is(v.array(usageProps), usage)).toBe(true);
    }),
  );
});
