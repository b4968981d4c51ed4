import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maxLedgerBytes, maxReportsPerFlush } from '../../contract/limits.ts';
import { type AbsorbResponse, parseAbsorbResponse } from '../../contract/sandbox.ts';
import { absorb } from '../support/absorb.ts';
import { bufferOf } from '../support/frames.ts';
import { fuzzRuns } from '../support/fuzz-runs.ts';
import type { Json } from '../support/json.ts';
import { claimOf, mayReport, requestOf } from '../support/requests.ts';
import { findFaults } from '../support/strict-report.ts';
import { framesOf, today } from './frames.ts';
import { edits } from './ledgers.ts';
import { intactWords } from './words.ts';

/**
 * The wall around the guest may break: whatever it answers then, only reports that are on the lists come
 * through, and no more of them than a flush sends.
 */

const honest: readonly AbsorbResponse[] = fc
  .sample(fc.array(framesOf(intactWords), { minLength: 2, maxLength: 4 }), { seed: 1, numRuns: 9 })
  .map((frames) => {
    const before = frames.map((frame) => ({ ...frame, day: today - 1 }));
    return absorb(requestOf(today, { claims: [claimOf(bufferOf(...before))], ...mayReport() }));
  })
  .filter(({ reports }) => reports.length > 0);

/** An answer with changes in it, and in the texts of its reports. */
const broken = fc
  .tuple(fc.constantFrom(...honest), fc.option(edits, { freq: 2 }), fc.option(edits, { freq: 2 }))
  .map(([answer, ofAnswer, ofTexts]): unknown => {
    const reports = answer.reports.map((report) => {
      const value = JSON.parse(report.text) as Json;
      return { ...report, text: JSON.stringify(ofTexts === null ? value : ofTexts(value)) };
    });
    const value = JSON.parse(JSON.stringify({ ...answer, reports })) as Json;
    return ofAnswer === null ? value : ofAnswer(value);
  });

it('lets nothing out that is not on the lists, whatever a broken guest answers', () => {
  let accepted = 0;
  fc.assert(
    fc.property(broken, (value) => {
      const answer = parse(value);
      if (answer === undefined) return;
      accepted += 1;
      expect(answer.reports.length).toBeLessThanOrEqual(maxReportsPerFlush);
      expect(answer.ledger.length).toBeLessThanOrEqual(maxLedgerBytes);
      expect(answer.reports.flatMap(({ text }) => findFaults(text))).toEqual([]);
    }),
    { numRuns: fuzzRuns(3_000), seed: 1 },
  );
  expect(accepted).toBeGreaterThan(100);
});

function parse(value: unknown): AbsorbResponse | undefined {
  try {
    return parseAbsorbResponse(value);
  } catch {
    return undefined;
  }
}
