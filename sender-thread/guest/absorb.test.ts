import { describe, expect, it, test } from 'vitest';
import { formatDay } from '../../contract/day.ts';
import { encodeFrame } from '../../contract/frame.ts';
import { emptyLedger, formatLedger, type Ledger, parseLedger } from '../../contract/ledger.ts';
import { backoffMaxMs, maxLedgerBytes } from '../../contract/limits.ts';
import type { AbsorbRequest } from '../../contract/sandbox.ts';
import { absorb } from '../../spec/support/absorb.ts';
import { bufferOf, frameOf, joined, queries } from '../../spec/support/frames.ts';
import { claimOf, mayReport, reporter, requestOf } from '../../spec/support/requests.ts';
import { findFaults } from '../../spec/support/strict-report.ts';
import { fromHex, readVectors, vectorIds } from '../../spec/support/vectors.ts';

const today = 20_780;
const yesterday = bufferOf(frameOf(today - 1, [queries(3, 1)]));

function ledgerAfter(more: Partial<AbsorbRequest>): Ledger {
  const ledger = parseLedger(absorb(requestOf(today, more)).ledger);
  if (ledger === undefined) throw new Error('absorbed into no ledger');
  return ledger;
}

/** A ledger with so many sealed reports waiting. */
function withReports(count: number): Ledger {
  const ledger = emptyLedger();
  for (let index = 0; index < count; index++) {
    const claims = [claimOf(yesterday)];
    ledger.reports.push(...ledgerAfter({ claims, ...mayReport() }).reports);
  }
  return ledger;
}

describe('with a ledger that is none', () => {
  test.each(readVectors('ledgers').filter(({ vector }) => vector.ledger === null))(
    'starts anew and says so: $file',
    ({ vector }) => {
      const response = absorb(
        requestOf(today, { ledger: vector.text, claims: [claimOf(yesterday)] }),
      );
      expect(response.wasLedgerDamaged).toBe(true);
      expect(parseLedger(response.ledger)?.days).toHaveProperty(formatDay(today - 1));
    },
  );

  test.each(readVectors('ledgers').filter(({ vector }) => vector.ledger !== null))(
    'goes on with one that is: $file',
    ({ vector }) => {
      expect(absorb(requestOf(today, { ledger: vector.text })).wasLedgerDamaged).toBe(false);
    },
  );

  it('starts anew without a word where there is no file', () => {
    expect(absorb(requestOf(today)).wasLedgerDamaged).toBe(false);
  });
});

describe('seals and sends nothing', () => {
  test.each<[what: string, more: Partial<AbsorbRequest>]>([
    ['while nobody may report', { reporter: null }],
    ['without ids', { ...mayReport(0) }],
    ['after the ingest said 410', { ...mayReport(), ledger: stopped() }],
  ])('%s', (_, more) => {
    const response = absorb(requestOf(today, { claims: [claimOf(yesterday)], ...more }));
    expect(response.reports).toEqual([]);
    expect(parseLedger(response.ledger)).toMatchObject({
      identity: null,
      reports: [],
      days: { [formatDay(today - 1)]: { usage: [{ count: 3, error_count: 1 }] } },
    });
  });

  it('before the time that a failure has set', () => {
    const ledger = withReports(1);
    const at = (not_before: number): number => {
      ledger.sending.not_before = new Date(not_before).toISOString();
      const request = requestOf(today, { ledger: formatLedger(ledger), ...mayReport() });
      return absorb(request).reports.length;
    };
    const { now } = requestOf(today);
    expect(at(now + 1)).toBe(0);
    expect(at(now + backoffMaxMs)).toBe(0);
    expect(at(now)).toBe(1);
    // Booked by a clock that was ahead.
    expect(at(now + backoffMaxMs + 1)).toBe(1);
  });
});

function stopped(): string {
  const ledger = emptyLedger();
  ledger.sending.stopped = true;
  return formatLedger(ledger);
}

it('keeps in sight how the last attempt ended, for as long as it holds the next one back', () => {
  const { now } = requestOf(today);
  const ledger = emptyLedger();
  const last_flush = { at: new Date(now - 1).toISOString(), outcome: 'unreachable' as const };
  ledger.sending = { ...ledger.sending, not_before: new Date(now + 1).toISOString(), last_flush };
  expect(ledgerAfter({ ledger: formatLedger(ledger) }).sending.last_flush).toEqual(last_flush);
});

describe('a sealed report that was edited in the file', () => {
  const [sealed] = withReports(1).reports;
  const body = sealed?.body ?? '';
  test.each<[what: string, edited: string]>([
    ['with a secret', body.replace('"os":"linux"', '"os":"alice-laptop"')],
    ['with a key more', body.replace('{', '{"cwd":"/home/alice",')],
    ['with a name that is on no list', body.replace('"query"', '"alice"')],
    ['into another list', `[${body}]`],
    ['into text', 'alice'],
    ['into nothing', ''],
    ['with a count too much', body.replace('"count":3', '"count":3000000')],
    ['with a day that no calendar has', body.replace(/"ts":"[\d-]+T/, '"ts":"4711-47-11T')],
  ])('is dropped, not sent: %s', (_, edited) => {
    expect(edited).not.toBe(body);
    const ledger = withReports(1);
    ledger.reports.unshift({
      batch_id: 'edited',
      day: formatDay(today),
      sent_at: null,
      body: edited,
    });
    const response = absorb(requestOf(today, { ledger: formatLedger(ledger), ...mayReport() }));
    expect(response.reports).toHaveLength(1);
    expect(parseLedger(response.ledger)).toMatchObject({ reports: [{}], lost: { unlisted: 1 } });
    expect(response.ledger).not.toContain('alice');
  });

  it('is booked under the id that it is sent with, whatever the ledger says', () => {
    const ledger = withReports(1);
    ledger.reports = [{ batch_id: 'edited', day: formatDay(today), sent_at: null, body }];
    const response = absorb(requestOf(today, { ledger: formatLedger(ledger), ...mayReport() }));
    const batch_id = sealed?.batch_id;
    expect(response.reports).toEqual([{ batchId: batch_id, events: 1, text: body }]);
    expect(parseLedger(response.ledger)).toMatchObject({ reports: [{ batch_id }] });
  });

  it('loses keys that only look harmless', () => {
    const ledger = withReports(1);
    const edited = body.replace('{', '{"constructor":{"name":"alice"},');
    ledger.reports = [{ batch_id: 'edited', day: formatDay(today), sent_at: null, body: edited }];
    const response = absorb(requestOf(today, { ledger: formatLedger(ledger), ...mayReport() }));
    for (const { text } of response.reports) expect(text).not.toContain('alice');
  });
});

describe('reports', () => {
  it('go five at a time, oldest first, and what goes passes a second opinion', () => {
    const ledger = withReports(7);
    const response = absorb(requestOf(today, { ledger: formatLedger(ledger), ...mayReport() }));
    const { reports, outcome } = response;
    const oldest = ledger.reports.slice(0, 5);
    expect(reports).toEqual(
      oldest.map(({ batch_id, body }) => ({ batchId: batch_id, events: 1, text: body })),
    );
    expect(reports.flatMap(({ text }) => findFaults(text))).toEqual([]);
    expect(outcome).toBe('waiting');
  });

  it('expire with their oldest day, when two flushes on two days say so', () => {
    const ledger = formatLedger(withReports(2));
    const after = (...days: readonly number[]): number | undefined => {
      let text = ledger;
      for (const day of days) text = absorb(requestOf(today + day, { ledger: text })).ledger;
      return parseLedger(text)?.lost.expired_reports;
    };
    expect(after(29, 30)).toBe(0);
    expect(after(31)).toBe(0);
    expect(after(30, 31)).toBe(2);
  });

  it('are booked as failed before the first is sent, and hold the next attempt back', () => {
    const { now } = requestOf(today);
    const { sending, reports } = ledgerAfter({ claims: [claimOf(yesterday)], ...mayReport() });
    const at = new Date(now).toISOString();
    expect(sending).toMatchObject({
      failures: 1,
      not_before: new Date(now + 60_000).toISOString(),
      last_flush: { at, outcome: 'unanswered' },
    });
    expect(reports).toEqual([expect.objectContaining({ sent_at: at })]);
    expect(ledgerAfter({ claims: [claimOf(yesterday)] }).sending.not_before).toBeNull();
  });

  it('are not sealed while nothing may be sent, so that events that wait share one', () => {
    const index = [
      'index',
      { languages: ['go'], file_count_bucket: '<100', duration_bucket: '<10s' },
    ];
    const bytes = bufferOf(frameOf(today, [], { events: [index] as never }));
    const { now } = requestOf(today);
    let ledger = formatLedger({
      ...emptyLedger(),
      sending: { ...emptyLedger().sending, not_before: new Date(now + 60_000).toISOString() },
    });
    for (const name of ['claim-a', 'claim-b', 'claim-c']) {
      const response = absorb(
        requestOf(today, { ledger, claims: [claimOf(bytes, name)], ...mayReport() }),
      );
      expect(response.reports).toEqual([]);
      ({ ledger } = response);
    }
    const later = { ...requestOf(today, { ledger, ...mayReport() }), now: now + 60_000 };
    expect(absorb(later).reports).toMatchObject([{ events: 3 }]);
  });
});

describe('claims', () => {
  it('are counted in parts, and nothing is sealed or spent before the last', () => {
    const bytes = bufferOf(frameOf(today - 1, [queries(3)]), frameOf(today - 1, [queries(4)]));
    const request = requestOf(today, { claims: [claimOf(bytes)], maxBytes: 1, ...mayReport() });
    const first = absorb(request);
    expect(first).toMatchObject({ isComplete: false, spentClaims: [], reports: [] });
    const second = absorb({ ...request, ledger: first.ledger });
    expect(second).toMatchObject({ isComplete: true, spentClaims: ['claim-a'] });
    expect(second.reports.map(({ text }) => JSON.parse(text) as unknown)).toMatchObject([
      { events: [{ props: { count: 7 } }] },
    ]);
  });

  const half = encodeFrame(frameOf(today - 1, [queries(5)]));

  it('are spent when nobody can write to them any more', () => {
    const claims = [
      claimOf(yesterday, 'claim-a'),
      { ...claimOf(yesterday, 'claim-b'), isFinal: false },
    ];
    const response = absorb(requestOf(today, { claims }));
    expect(response.spentClaims).toEqual(['claim-a']);
    expect(parseLedger(response.ledger)?.claims).toEqual({
      'claim-a': yesterday.length,
      'claim-b': yesterday.length,
    });
  });

  it('are forgotten when they no longer stand on the disk', () => {
    const first = absorb(requestOf(today, { claims: [claimOf(yesterday)] }));
    expect(ledgerAfter({ ledger: first.ledger }).claims).toEqual({});
  });

  it('that are damaged say how much of them was', () => {
    const bytes = joined(yesterday, half.subarray(0, 20), yesterday, half.subarray(0, 15));
    expect(ledgerAfter({ claims: [claimOf(bytes)] }).lost.damaged_bytes).toBe(35);
  });
});

it('leaves a ledger that the next flush accepts, however much there was to book', () => {
  const counters = Array.from(
    { length: 1_000 },
    (_, number) => [1, 'codegraph_explore', 1, 0, 'claude-desktop', `1.${number}`] as const,
  );
  let ledger: string | null = null;
  for (let day = 13; day >= 0; day--) {
    const claims = [claimOf(bufferOf(frameOf(today - day, counters)), `claim-${day}`)];
    ({ ledger } = absorb(requestOf(today, { ledger, claims })));
    expect(Buffer.byteLength(ledger)).toBeLessThanOrEqual(maxLedgerBytes);
  }
  const { days = {}, lost } = parseLedger(ledger ?? '') ?? {};
  const kept = Object.keys(days).length;
  // What is new is kept; what is lost is known.
  expect(Object.keys(days).toSorted().at(-1)).toBe(formatDay(today));
  expect(kept).toBeGreaterThan(4);
  expect(lost?.no_room).toBe((14 - kept) * counters.length);
});

test.each(readVectors('ledgers').filter(({ vector }) => vector.made_of !== undefined))(
  'makes the golden ledger $file, and the golden report in it',
  ({ file, vector }) => {
    const { claims = [], today: day = 0 } = vector.made_of ?? {};
    const response = absorb(
      requestOf(day, {
        claims: claims.map((hex, index) => claimOf(fromHex(hex), `claim-${index}`)),
        reporter,
        randomBytes: vectorIds(20),
      }),
    );
    expect(response.ledger).toBe(vector.text);
    const golden = readVectors('reports').find((each) => each.file === file)?.vector;
    expect(response.reports.map(({ text }) => JSON.parse(text) as unknown)).toEqual([golden]);
  },
);
