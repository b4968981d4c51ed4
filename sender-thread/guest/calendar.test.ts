import { describe, expect, it, test } from 'vitest';
import { formatDay } from '../../contract/day.ts';
import { emptyLedger, formatLedger, type Ledger, parseLedger } from '../../contract/ledger.ts';
import { absorb } from '../../spec/support/absorb.ts';
import { bufferOf, frameOf, queries } from '../../spec/support/frames.ts';
import { claimOf, mayReport, requestOf } from '../../spec/support/requests.ts';
import { Calendar } from './calendar.ts';

const today = 20_780;
const year = 365;

function calendarOf(flushDays: readonly number[], now: number): Calendar {
  const ledger = emptyLedger();
  ledger.flush_days = flushDays.map(formatDay);
  return new Calendar(ledger, now);
}

describe('with the last flush yesterday, a day', () => {
  test.each<[what: string, day: number, isUsable: boolean, isLost: boolean]>([
    ['of yesterday can be sent', today - 1, true, false],
    ['of tomorrow can be sent', today + 1, true, false],
    ['in two days waits', today + 2, false, true],
    ['30 days ago can be sent', today - 30, true, false],
    ['31 days ago waits: yesterday it was in time', today - 31, false, false],
    ['32 days ago is lost', today - 32, false, true],
    ['a year ahead is lost', today + year, false, true],
  ])('%s', (_, day, isUsable, isLost) => {
    const calendar = calendarOf([today - 1], today);
    expect([calendar.isUsable(day), calendar.isLost(day)]).toEqual([isUsable, isLost]);
  });
});

describe('with a clock that is wrong for one run, nothing is sent and nothing is lost:', () => {
  test.each([-20_780, -year, -40, 40, year, 10 * year])('by %i days', (jump) => {
    const calendar = calendarOf([today, today - 1], today + jump);
    for (const day of [today - 29, today - 1, today, today + jump]) {
      expect([day, calendar.isUsable(day), calendar.isLost(day)]).toEqual([day, false, false]);
    }
  });
});

describe('after a long silence, a day', () => {
  test.each<[what: string, silent: number, day: number, isUsable: boolean]>([
    ['of before it can be sent', 20, today - 20, true],
    ['of today can be sent after a week', 7, today, true],
    ['of today waits after more than a week', 8, today, false],
    ['of before it can no longer be sent after a month', 31, today - 31, false],
  ])('%s', (_, silent, day, isUsable) => {
    expect(calendarOf([today - silent], today).isUsable(day)).toBe(isUsable);
  });

  it('of today can be sent when another flush follows on another day', () => {
    expect(calendarOf([today, today - 40], today + 1).isUsable(today)).toBe(true);
  });
});

it('a machine that knows no other day sends by its clock, and deletes nothing', () => {
  const calendar = calendarOf([], today);
  expect([today - 30, today, today + 1].every((day) => calendar.isUsable(day))).toBe(true);
  expect([0, today - year, today + year].some((day) => calendar.isLost(day))).toBe(false);
});

/** What is in the ledger after flushes of these days, each with one call of its own day. */
function afterFlushes(...days: readonly number[]): Ledger {
  let text: string | null = null;
  for (const day of days) {
    const claims = [claimOf(bufferOf(frameOf(day, [queries(5)])), `claim-${day}`)];
    text = absorb(requestOf(day, { ledger: text, claims, ...mayReport() })).ledger;
    // The endpoint takes everything.
    const ledger = parseLedger(text)!;
    ledger.reports = [];
    ledger.sending.not_before = null;
    text = formatLedger(ledger);
  }
  return parseLedger(text ?? '')!;
}

describe('one flush a year ahead', () => {
  it('keeps what was counted before it, and loses calls of its own day alone', () => {
    const wrong = afterFlushes(today, today + year);
    expect(Object.keys(wrong.days)).toEqual([formatDay(today), formatDay(today + year)]);
    expect(wrong.lost.out_of_date).toBe(0);

    const right = afterFlushes(today, today + year, today + 1);
    expect(Object.keys(right.days)).toEqual([formatDay(today + 1)]);
    expect(right.lost.out_of_date).toBe(5);
  });

  it('is believed when a second one follows on another day', () => {
    const ledger = afterFlushes(today, today + year, today + year + 1);
    expect(Object.keys(ledger.days)).toEqual([formatDay(today + year + 1)]);
    expect(ledger.lost.out_of_date).toBe(5);
  });

  it('seals no event with its date, and lets no sealed report expire', () => {
    const ledger = emptyLedger();
    ledger.flush_days = [formatDay(today)];
    ledger.reports = [{ batch_id: 'a', day: formatDay(today - 1), sent_at: null, body: '{}' }];
    const index = [
      'index',
      { languages: ['go'], file_count_bucket: '<100', duration_bucket: '<10s' },
    ];
    const frame = frameOf(today + year, [], { events: [index] as never });
    const { reports, ledger: text } = absorb(
      requestOf(today + year, {
        ledger: formatLedger(ledger),
        claims: [claimOf(bufferOf(frame))],
        ...mayReport(),
      }),
    );
    expect(reports).toEqual([]);
    expect(parseLedger(text)).toMatchObject({
      identity: null,
      reports: ledger.reports,
      days: { [formatDay(today + year)]: { events: [{ event: 'index' }] } },
      lost: { expired_reports: 0, out_of_date: 0 },
    });
  });
});
