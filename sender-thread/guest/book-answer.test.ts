import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { emptyLedger, formatLedger, type Ledger, parseLedger } from '../../contract/ledger.ts';
import type { SendResult } from '../../contract/sandbox.ts';
import { noon } from '../../spec/support/requests.ts';
import { bookAnswer } from './book-answer.ts';

const now = noon(20_780);
const minute = 60_000;
const day = 86_400_000;

function waiting(change: Partial<Ledger['sending']> = {}): Ledger {
  const ledger = emptyLedger();
  ledger.reports = ['a', 'b'].map((batch_id) => ({
    batch_id,
    day: '2026-11-22',
    sent_at: null,
    body: '{}',
  }));
  ledger.sending = { ...ledger.sending, ...change };
  return ledger;
}

function settled(result: SendResult, before: Ledger = waiting(), jitter = 0): Ledger {
  const { ledger } = bookAnswer({
    ledger: formatLedger(before),
    now,
    batchId: 'a',
    result,
    jitter,
  });
  const after = parseLedger(ledger);
  if (after === undefined) throw new Error('settled into no ledger');
  return after;
}

const held = { not_before: new Date(now + 10_000).toISOString() };
// As it is booked before the POST: the third failure, unless an answer says otherwise.
const failing = { failures: 3, ...held };

test.each<[SendResult, outcome: string, left: readonly string[], sending: object, refused: number]>(
  [
    [{ kind: 'accepted' }, 'sent', ['b'], { failures: 0, not_before: null, stopped: false }, 0],
    [{ kind: 'refused' }, 'refused', ['b'], { failures: 0, not_before: null, stopped: false }, 1],
    [{ kind: 'stopped' }, 'stopped', [], { failures: 0, not_before: null, stopped: true }, 2],
    [{ kind: 'unreachable' }, 'unreachable', ['a', 'b'], { failures: 3, stopped: false }, 0],
    [{ kind: 'unanswered' }, 'unanswered', ['a', 'b'], { failures: 3, stopped: false }, 0],
    [
      { kind: 'postponed', retryAfterMs: 0 },
      'postponed',
      ['a', 'b'],
      { failures: 3, stopped: false },
      0,
    ],
  ],
)('books %o', (result, outcome, left, sending, refused) => {
  const after = settled(result, waiting(failing));
  expect(after.reports.map(({ batch_id }) => batch_id)).toEqual(left);
  expect(after.sending).toMatchObject({
    ...sending,
    last_flush: { at: new Date(now).toISOString(), outcome },
  });
  expect(after.lost.refused_reports).toBe(refused);
});

describe('the wait after a failure', () => {
  const waitMs = (result: SendResult, failures: number, jitter: number): number => {
    const { not_before } = settled(result, waiting({ failures }), jitter).sending;
    return Date.parse(not_before ?? '') - now;
  };

  test.each<[what: string, failures: number, jitter: number, ms: number]>([
    ['is half a minute at least', 1, 0, minute / 2],
    ['is a minute at most, the first time', 1, 1, minute],
    ['doubles', 2, 1, 2 * minute],
    ['doubles again', 3, 0.5, 3 * minute],
    ['ends at a day', 12, 1, day],
    ['stays there', 1_000_000, 1, day],
    ['is half of it at least', 1_000_000, 0, day / 2],
  ])('%s', (_, failures, jitter, ms) => {
    expect(waitMs({ kind: 'unreachable' }, failures, jitter)).toBe(ms);
  });

  test.each<[what: string, retryAfterMs: number, ms: number]>([
    ['longer than the step', 10 * minute, 10 * minute],
    ['shorter than the step', 1_000, minute / 2],
    ['longer than a day', 3 * day, day],
    ['without end', Infinity, day],
  ])('honours a Retry-After that is %s', (_, retryAfterMs, ms) => {
    expect(waitMs({ kind: 'postponed', retryAfterMs }, 0, 0)).toBe(ms);
  });

  it('is never nothing and never more than a day', () => {
    const numbers = fc.record({
      failures: fc.nat(),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      retryAfterMs: fc.double({ min: 0, noNaN: true }),
    });
    fc.assert(
      fc.property(numbers, ({ failures, jitter, retryAfterMs }) => {
        const ms = waitMs({ kind: 'postponed', retryAfterMs }, failures, jitter);
        expect(ms).toBeGreaterThanOrEqual(minute / 2);
        expect(ms).toBeLessThanOrEqual(day);
      }),
    );
  });
});

it('leaves the other reports alone when the one that was sent is gone', () => {
  const { ledger } = bookAnswer({
    ledger: formatLedger(waiting()),
    now,
    batchId: 'expired',
    result: { kind: 'accepted' },
    jitter: 0,
  });
  expect(parseLedger(ledger)?.reports).toHaveLength(2);
});

it('goes on from the ledger that it is given, be it its own last one or another', () => {
  const take = (ledger: string, batchId: string): string =>
    bookAnswer({ ledger, now, batchId, result: { kind: 'accepted' }, jitter: 0 }).ledger;
  const idsIn = (ledger: string): unknown =>
    parseLedger(ledger)?.reports.map(({ batch_id }) => batch_id);
  const before = formatLedger(waiting());

  const withoutA = take(before, 'a');
  expect(idsIn(withoutA)).toEqual(['b']);
  expect(idsIn(take(withoutA, 'b'))).toEqual([]);
  // The last one was never committed.
  expect(idsIn(take(withoutA, 'a'))).toEqual(['b']);
  expect(idsIn(take(before, 'b'))).toEqual(['a']);
});

describe('an attempt', () => {
  const at = new Date(now).toISOString();
  const book = (before: Ledger, result: SendResult, nextBatchId?: string): Ledger => {
    const ledger = formatLedger(before);
    return parseLedger(
      bookAnswer({ ledger, now, batchId: 'a', result, jitter: 0, nextBatchId }).ledger,
    )!;
  };
  /** As the absorbing call has booked it, an hour ago. */
  const attempted = (sentAt: string): Ledger => {
    const ledger = waiting({ failures: 1, last_flush: { at: sentAt, outcome: 'unanswered' } });
    ledger.reports[0]!.sent_at = sentAt;
    return ledger;
  };
  const earlier = new Date(now - 3_600_000).toISOString();

  it('counts as failed before its answer is here', () => {
    const after = book(attempted(earlier), { kind: 'accepted' }, 'b');
    expect(after.reports).toEqual([expect.objectContaining({ batch_id: 'b', sent_at: at })]);
    expect(after.sending).toMatchObject({
      failures: 1,
      not_before: new Date(now + minute).toISOString(),
      last_flush: { at, outcome: 'unanswered' },
    });
  });

  test.each<[result: SendResult, sentAt: string | null]>([
    [{ kind: 'unanswered' }, earlier],
    [{ kind: 'unreachable' }, null],
    [{ kind: 'postponed', retryAfterMs: 0 }, null],
  ])('may have arrived only if there was no answer: %o', (result, sentAt) => {
    expect(book(attempted(earlier), result).reports[0]?.sent_at).toBe(sentAt);
  });

  it('that never left does not take back that an earlier one may have arrived', () => {
    const ledger = attempted(at);
    ledger.reports[0]!.sent_at = earlier;
    expect(book(ledger, { kind: 'unreachable' }).reports[0]?.sent_at).toBe(earlier);
  });

  it('that failed is booked with its reason', () => {
    const result = { kind: 'unreachable', reason: 'ECONNREFUSED' } as const;
    expect(book(attempted(earlier), result).sending.last_flush).toEqual({
      at,
      outcome: 'unreachable',
      reason: 'ECONNREFUSED',
    });
  });
});
