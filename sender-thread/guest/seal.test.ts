import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Report, ReportEvent } from '../../contract/report/allowlist.ts';
import { formatDay } from '../../contract/day.ts';
import type { FrameCounter, FrameEvent } from '../../contract/frame.ts';
import { emptyLedger, type Ledger } from '../../contract/ledger.ts';
import { clientNames, languages, toolNames } from '../../contract/report/lists.ts';
import type { Reporter } from '../../contract/sandbox.ts';
import { dayNamed, frameOf, once, queries } from '../../spec/support/frames.ts';
import { bytesForIds, reporter } from '../../spec/support/requests.ts';
import { findFaults } from '../../spec/support/strict-report.ts';
import { Calendar } from './calendar.ts';
import { IdSource } from './id-source.ts';
import { rollUp } from './roll-up.ts';
import { sealReports } from './seal.ts';

const today = 20_780;

function seal(ledger: Ledger, ids = 600, who: Reporter = reporter): Ledger {
  sealReports(ledger, who, today, new Calendar(ledger, today), new IdSource(bytesForIds(ids)));
  return ledger;
}

function eventsOf({ reports }: Ledger): readonly (readonly ReportEvent[])[] {
  for (const { body } of reports) expect(findFaults(body)).toEqual([]);
  return reports.map(({ body }) => (JSON.parse(body) as { events: ReportEvent[] }).events);
}

/** A ledger with so many identities on a day. */
function withUsage(day: number, identities: number): Ledger {
  const counters = Array.from({ length: identities }, (_, number): FrameCounter => [
    1,
    toolNames[number % 4] ?? '',
    1,
    0,
    clientNames[Math.floor(number / 16)] ?? '',
    `1.${Math.floor(number / 4) % 4}`,
  ]);
  const ledger = emptyLedger();
  rollUp(ledger, once(frameOf(day, counters)));
  return ledger;
}

/** A ledger with so many events of a day, as long as events can be. */
function withLongEvents(day: number, count: number): Ledger {
  const props = {
    languages: languages.toSorted((a, b) => b.length - a.length).slice(0, 32),
    file_count_bucket: '100-1k',
    duration_bucket: '10-60s',
  };
  const events = Array.from({ length: count }, (): FrameEvent => ['index', props]);
  const ledger = emptyLedger();
  rollUp(ledger, once(frameOf(day, [], { events })));
  return ledger;
}

const index: FrameEvent = [
  'index',
  { languages: ['go'], file_count_bucket: '<100', duration_bucket: '<10s' },
];

it('leaves usage open while its day is not over, and seals events at once', () => {
  const ledger = emptyLedger();
  const frames = [today - 1, today, today + 1].map((day) =>
    frameOf(day, [queries(day)], { events: [index] }),
  );
  rollUp(ledger, once(...frames));
  expect(eventsOf(seal(ledger))).toEqual([
    [
      expect.objectContaining({ event: 'index', ts: `${formatDay(today - 1)}T12:00:00.000Z` }),
      expect.objectContaining({
        event: 'usage_rollup',
        ts: `${formatDay(today - 1)}T12:00:00.000Z`,
      }),
      expect.objectContaining({ event: 'index', ts: `${formatDay(today)}T12:00:00.000Z` }),
      expect.objectContaining({ event: 'index', ts: `${formatDay(today + 1)}T12:00:00.000Z` }),
    ],
  ]);
  expect(ledger.days).toEqual({
    [formatDay(today)]: { usage: [expect.objectContaining({ count: today })], events: [] },
    [formatDay(today + 1)]: { usage: [expect.objectContaining({ count: today + 1 })], events: [] },
  });
  expect(ledger.reports[0]?.day).toBe(formatDay(today - 1));
});

it('takes the oldest day first, into a report that expires with it', () => {
  const ledger = emptyLedger();
  rollUp(ledger, once(frameOf(today - 2, [queries(2)]), frameOf(today - 9, [queries(9)])));
  const days = eventsOf(seal(ledger))
    .flat()
    .map(({ ts }) => ts.slice(0, 10));
  expect(days).toEqual([formatDay(today - 9), formatDay(today - 2)]);
  expect(ledger.reports.map(({ day }) => day)).toEqual([formatDay(today - 9)]);
});

describe('a report is full at', () => {
  test.each([
    [1, [1]],
    [99, [99]],
    [100, [100]],
    [101, [100, 1]],
    [250, [100, 100, 50]],
  ])('100 events: %i', (identities, sizes) => {
    const ledger = seal(withUsage(today - 1, identities));
    expect(eventsOf(ledger).map(({ length }) => length)).toEqual(sizes);
    expect(ledger.days).toEqual({});
  });

  it('100 of the longest events, which are less than 60,000 bytes', () => {
    const ledger = seal(withLongEvents(today, 100));
    expect(eventsOf(ledger).map(({ length }) => length)).toEqual([100]);
    const [{ body } = { body: '' }] = ledger.reports;
    expect(body.length).toBeLessThanOrEqual(60_000);
  });
});

describe('seals in pieces when the ids run out, and nothing twice:', () => {
  test.each([
    ['many identities', () => withUsage(today - 1, 250), 250],
    ['long events', () => withLongEvents(today - 1, 100), 100],
  ])('%s', (_, make, length) => {
    const supplies = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(supplies, (supply) => {
        const ledger = make();
        for (const ids of [...supply, 300]) seal(ledger, ids);
        const sealed = eventsOf(ledger).flat();
        expect(sealed).toHaveLength(length);
        expect(new Set(sealed.map(({ event_id }) => event_id)).size).toBe(length);
        expect(ledger.days).toEqual({});
        const identities = sealed.flatMap(({ event, props }) =>
          event === 'usage_rollup'
            ? [`${props.name} ${props.client_name} ${props.client_version}`]
            : [],
        );
        expect(new Set(identities).size).toBe(identities.length);
      }),
      // The second report was begun with the last id.
      { numRuns: 100, examples: [[[102, 0]]] },
    );
  });
});

test.each([0, 1, 2])('seals nothing with %i ids, and loses nothing', (ids) => {
  const ledger = withUsage(today - 1, 3);
  const before = structuredClone(ledger);
  expect(seal(ledger, ids)).toEqual(before);
});

it('drops what fails the check instead of sending it, and says so', () => {
  const lying = {
    ...reporter,
    machine: { ...reporter.machine, os: 'alice-os' },
  } as unknown as Reporter;
  const ledger = seal(withUsage(today - 1, 3), 50, lying);
  expect(ledger.reports).toEqual([]);
  expect(ledger.lost.unlisted).toBe(3);
});

it('takes nothing of a reporter but what a report says', () => {
  const chatty = { ...reporter, machine: { ...reporter.machine, hostname: 'alice-laptop' } };
  const ledger = seal(withUsage(today - 1, 1), 50, chatty);
  expect(eventsOf(ledger)).toHaveLength(1);
  expect(JSON.stringify(ledger)).not.toContain('alice');
});

it('seals the events of a day in one order, whatever the order in which they came', () => {
  const frame = frameOf(today - 1, [queries(1), [0, 'sync', 1, 0], [1, 'codegraph_node', 1, 0]], {
    events: [
      index,
      ['uninstall', { targets: ['codex', 'claude'] }],
      ['uninstall', { targets: [] }],
    ],
  });
  const backwards = {
    ...frame,
    counters: frame.counters.toReversed(),
    events: frame.events.toReversed(),
  };
  const [one, other] = [frame, backwards].map((each) => {
    const ledger = emptyLedger();
    rollUp(ledger, once(each));
    return eventsOf(seal(ledger)).map((events) => events.map(({ event, props }) => [event, props]));
  });
  expect(one).toEqual(other);
  expect(one?.flat()).toHaveLength(6);
  expect(one?.flat()).toContainEqual(['uninstall', { targets: ['claude', 'codex'] }]);
});

it('seals each month in reports of its own, under the id of that month', () => {
  const ledger = emptyLedger();
  const lastOfOctober = dayNamed('2026-10-31');
  rollUp(
    ledger,
    once(frameOf(lastOfOctober, [queries(1)]), frameOf(lastOfOctober + 1, [queries(2)])),
  );
  const calendar = new Calendar(ledger, lastOfOctober + 2);
  sealReports(ledger, reporter, lastOfOctober + 2, calendar, new IdSource(bytesForIds(20)));
  const reports = ledger.reports.map(({ body }) => JSON.parse(body) as Report);
  expect(reports.map(({ events }) => events.map(({ ts }) => ts.slice(0, 10)))).toEqual([
    ['2026-10-31'],
    ['2026-11-01'],
  ]);
  expect(new Set(reports.map(({ machine_id }) => machine_id)).size).toBe(2);
});
