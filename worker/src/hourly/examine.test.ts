import { expect, it, test } from 'vitest';
import type { Sign } from '../forward/account-store.ts';
import { examine, type Findings } from './examine.ts';
import { isDefect, type Alarm } from './alerts.ts';

const now = Date.parse('2026-11-23T10:17:00Z');
const hour = 3_600_000;

const sign = (hoursAgo: number, value = 0): Sign => ({ at: now - hoursAgo * hour, value });

const well: Findings = {
  now,
  signs: new Map([
    ['canary_sent', sign(0, now - 500 * hour)],
    ['canary_arrived', sign(1)],
  ]),
  sums: [{ received: 1_000, accepted: 1_000, forwarded: 5_000, stored: 5_000 }],
  hour: { last: 100, others: Array.from({ length: 20 }, () => 110) },
  keyStatus: 200,
  databaseBytes: 1e9,
  rates: new Map([
    ['d1', { now: 1, before: 1 }],
    ['posthog', { now: 1, before: 1 }],
  ]),
  hasPublicAddress: false,
  regressions: [],
};

it('finds nothing wrong when nothing is', () => {
  expect(examine(well)).toEqual([]);
});

const cell = (machines: number, failing: number) => ({
  metric: 'tool_version',
  value: '',
  machines,
  uses: 0,
  errors: 0,
  failing,
});

test.each<[string, Partial<Findings>, string[]]>([
  [
    'no canary arrived for two hours',
    { signs: new Map([...well.signs, ['canary_arrived', sign(3)]]) },
    ['canary_missing'],
  ],
  [
    'none ever arrived',
    { signs: new Map([['canary_sent', sign(0, now - 2 * hour)]]) },
    ['canary_missing'],
  ],
  ['the first one is on its way', { signs: new Map([['canary_sent', sign(0, now)]]) }, []],
  [
    'the network does not let it through',
    { hasPublicAddress: true },
    ['canary_missing_on_network'],
  ],
  ['an hour is silent', { hour: { ...well.hour, last: 32 } }, ['silence']],
  ['an hour is a flood', { hour: { ...well.hour, last: 331 } }, ['flood']],
  ['an hour is quiet', { hour: { ...well.hour, last: 34 } }, []],
  ['there are no hours to compare with', { hour: { last: 0, others: [110] } }, []],
  ['a twentieth is refused', { sums: [{ received: 1_000, refused_rate: 51 }] }, ['refused']],
  ['some are refused', { sums: [{ received: 1_000, refused_rate: 50 }] }, []],
  ['yesterday was bad', { sums: [{ received: 1_000, refused_rate: 900 }, { received: 5 }] }, []],
  [
    'a week is sampled as the one before',
    { rates: new Map([['d1', { now: 1 / 64, before: 1 / 64 }]]) },
    ['sampled'],
  ],
  [
    'a week is sampled more than the one before',
    { rates: new Map([['d1', { now: 1 / 2, before: 1 }]]) },
    ['rate_fell'],
  ],
  [
    'new machines are held back',
    { signs: new Map([...well.signs, ['newcomers_held', sign(0.5)]]) },
    ['newcomers_held'],
  ],
  ['the brake is on', { sums: [{ over_budget: 1 }] }, ['brake']],
  ['there are dead letters', { sums: [{ dead: 3 }] }, ['dead_letters']],
  [
    'PostHog refuses one in a thousand',
    { sums: [{ forwarded: 990, refused_by_sink: 1 }] },
    ['refused_by_sink'],
  ],
  ['PostHog refuses one in two thousand', { sums: [{ forwarded: 2_000, refused_by_sink: 1 }] }, []],
  ['the database refuses a report', { sums: [{ refused_by_store: 1 }] }, ['refused_by_store']],
  ['PostHog does not know the key', { keyStatus: 401 }, ['key_refused']],
  ['PostHog does not answer', { keyStatus: 0 }, []],
  ['the database is nearly full', { databaseBytes: 8.1e9 }, ['storage']],
  [
    'the database took nothing',
    { signs: new Map([...well.signs, ['store_failed', sign(0.5)]]) },
    ['store_failed'],
  ],
  [
    'a tool fails more since a release',
    {
      regressions: [
        {
          kind: 'tool',
          name: 'codegraph_impact',
          newer: { version: '1.7.1', cell: cell(5_000, 700) },
          older: { version: '1.7.0', cell: cell(2_400, 90) },
        },
      ],
    },
    ['regression'],
  ],
])('when %s', (_, changed, reasons) => {
  expect(examine({ ...well, ...changed }).map(({ reason }) => reason)).toEqual(reasons);
});

test.each<[Alarm['reason'], boolean]>([
  ['regression', false],
  ['sampled', false],
  ['rate_fell', true],
  ['brake', true],
  ['newcomers_held', true],
  ['silence', true],
])('an alarm of %s makes the ingest ill: %s', (reason, isIll) => {
  expect(isDefect({ reason, text: '', count: 1 })).toBe(isIll);
});
