import { describe, expect, it } from 'vitest';
import { body, days, log, now, show, status } from '../../../spec/support/views.ts';
import { formatUsage } from './format-usage.ts';
import { formatLog } from './log.ts';
import { fit, formatJson, type Screen, wrap } from '../../screen.ts';
import { formatShow } from './show.ts';
import { formatStatus, type StatusReport } from './status.ts';
import { formatAge, formatTime } from './times.ts';
import { addUp } from './usage.ts';

const longName = days.map((day) => ({
  ...day,
  usage: day.usage.map((props) => ({ ...props, name: 'prompt-hook-gate-noop-explore-keyword' })),
})) as typeof days;

const texts: readonly [name: string, format: (screen: Screen) => string][] = [
  ['status', (screen) => formatStatus(status, screen, now)],
  ['show', (screen) => formatShow(show, screen)],
  ['show of a long name', (screen) => formatShow({ ...show, days: longName }, screen)],
  ['show of nothing', (screen) => formatShow({ ...show, days: [], nextReports: [] }, screen)],
  ['log', (screen) => formatLog(log, screen)],
  ['usage', (screen) => formatUsage(addUp(days, { days: 7, by: 'day' }, now), screen)],
];

describe.each([80, 40, 30])('at %i columns', (columns) => {
  it.each(texts)('%s cuts no word', (_, format) => {
    const text = format({ columns, hasColor: false });
    const long = text.split('\n').filter((line) => line.length > columns);
    // A path, an ID or a name may be longer than the terminal. Then it stands alone.
    expect(long.filter((line) => line.trim().includes(' '))).toEqual([]);
    expect(text).not.toMatch(/ $/m);
  });

  it.each(texts)('%s has the same words as on a wide terminal', (_, format) => {
    const wordsOf = (screen: Screen): Set<string> => new Set(format(screen).match(/[\w.:@-]*\w/g));
    const wide = wordsOf({ columns: 400, hasColor: false });
    const narrow = wordsOf({ columns, hasColor: false });
    expect([...wide].filter((word) => !narrow.has(word))).toEqual([]);
  });
});

it('a report on a narrow terminal is the same JSON', () => {
  const text = formatJson(body, { columns: 40, hasColor: false });
  expect(JSON.parse(text)).toEqual(JSON.parse(body));
});

it('breaks a long path between its parts', () => {
  expect(wrap('at /usr/local/lib/node_modules/engine', 18, 2).split('\n')).toEqual([
    'at /usr/local/lib/',
    '  node_modules/',
    '  engine',
  ]);
  // No blank inside it, though both parts would fit on the first line.
  expect(wrap('/usr/lib/node/x b', 16, 4).split('\n')).toEqual(['/usr/lib/', '    node/x b']);
});

it('keeps the blanks between columns', () => {
  expect(wrap('a   b c', 80)).toBe('a   b c');
});

it.each([
  ['a terminal', { isTTY: true, columns: 7 }, 'one two\n  three\n  four'],
  ['a terminal of unknown width', { isTTY: true, columns: 0 }, 'one two\n  three four'],
  ['a pipe', {}, 'one two\n  three four'],
])('a text fits %s', (_, stream, expected) => {
  expect(fit('one two\n  three four', stream as NodeJS.WriteStream)).toBe(expected);
});

describe('status begins with one plain sentence', () => {
  const off = { mode: 'off', decidedBy: 'stored' } as const;
  const byDefault = { decidedBy: 'default', lastSent: null } as const;
  const stop = 'Turn off: codegraph telemetry off';

  it.each<[sentence: string, status: Partial<StatusReport>]>([
    [
      `Telemetry is on. Sends daily totals to telemetry.getcodegraph.com; last sent 2 days ago (6 events). ${stop}`,
      {},
    ],
    [
      `Telemetry is on. Sends daily totals to telemetry.getcodegraph.com; nothing has been sent yet. ${stop}`,
      { lastSent: null },
    ],
    [
      `Telemetry is on by default. Nothing is sent before the notice has appeared on a terminal. ${stop}`,
      { ...byDefault, nextFlushNotBefore: 'never' },
    ],
    [
      `Telemetry is on by default. Sends daily totals to telemetry.getcodegraph.com from ${formatTime('2026-11-23T09:00:00Z')} on. ${stop}`,
      { ...byDefault, nextFlushNotBefore: '2026-11-23T09:00:00Z' },
    ],
    [
      `Telemetry is on, but reports cannot be sent: see the warning below. ${stop}`,
      { problems: ['it is not a URL'] },
    ],
    [
      `Telemetry is on. Sends daily totals to telemetry.getcodegraph.com; last sent 2 days ago (6 events). Turn off: CODEGRAPH_TELEMETRY=0`,
      { decidedBy: 'CODEGRAPH_TELEMETRY' },
    ],
    [
      `Telemetry is local, decided by your stored choice. Counts for you on this machine; nothing is sent. See: codegraph telemetry usage. ${stop}`,
      { mode: 'local' },
    ],
    [
      'Telemetry is off, decided by your stored choice. Nothing is counted and nothing is sent. Turn on: codegraph telemetry on',
      off,
    ],
    [
      'Telemetry is off, decided by the policy file of this machine. Nothing is counted and nothing is sent.',
      { ...off, decidedBy: 'policy' },
    ],
  ])('%s', (sentence, change) => {
    const text = formatStatus({ ...status, ...change }, { columns: 400, hasColor: false }, now);
    expect(text.split('\n')[0]).toBe(sentence);
  });
});

it('a warning has the time of the zone, and --json has it in UTC', () => {
  const problem = 'the flush of 2026-11-22T23:30:00.000Z failed: no room';
  const screen = { columns: 80, hasColor: false, timeZone: 'Asia/Tokyo' };
  const text = formatStatus({ ...status, problems: [problem] }, screen, now);
  expect(text).toContain('Warning: the flush of 2026-11-23 08:30 GMT+9 failed: no room');
});

describe('log for a person', () => {
  it('says when, how many events, which endpoint accepted them, and what', () => {
    const text = formatLog(log.slice(1), { columns: 80, hasColor: false });
    expect(text.split('\n').slice(2)).toEqual([
      `${formatTime('2026-11-20T14:00:00.000Z')}  4 events accepted by telemetry.getcodegraph.com:`,
      '  1 total of 2026-11-22, 1 index, 1 install, 1 uninstall',
    ]);
  });

  it('shows a receipt that holds no report, and one from before endpoints were kept', () => {
    const old = { acceptedAt: '2026-11-20T14:00:00.000Z', endpoint: null, batchId: 'a' };
    const text = formatLog([{ ...old, body: 'damaged' }], { columns: 80, hasColor: false });
    expect(text).toContain('0 events accepted:');
  });
});

it.each([
  ['UTC', '2026-11-22 23:30 UTC'],
  ['America/New_York', '2026-11-22 18:30 GMT-5'],
  ['Asia/Tokyo', '2026-11-23 08:30 GMT+9'],
])('a time in %s is %s', (zone, expected) => {
  expect(formatTime('2026-11-22T23:30:00.000Z', { timeZone: zone })).toBe(expected);
});

it.each([
  ['2026-11-22T14:30:00.000Z', 'less than an hour ago'],
  ['2026-11-22T14:00:00.000Z', '1 hour ago'],
  ['2026-11-20T15:30:00.000Z', '47 hours ago'],
  ['2026-11-20T15:00:00.000Z', '2 days ago'],
  // A clock was wrong.
  ['2026-11-25T15:00:00.000Z', 'less than an hour ago'],
])('%s is %s', (instant, expected) => {
  expect(formatAge(instant, now)).toBe(expected);
});
