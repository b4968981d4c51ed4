import * as v from 'valibot';
import { report, type Report } from './allowlist.ts';
import { maxReportBytes } from '../limits.ts';
import { toCanonical } from './canonical.ts';

declare const checked: unique symbol;
declare const sealed: unique symbol;

/** A report that passed the allowlist. Only `checkReport` makes one. */
export type CheckedReport = Report & { readonly [checked]: true };

/** The exact text of a checked report: what is stored, sent and kept as a receipt. */
export type SealedText = string & { readonly [sealed]: true };

export type CheckResult =
  | { readonly ok: true; readonly report: CheckedReport }
  | { readonly ok: false; readonly reason: string };

/** Holds a whole report against the allowlist, and brings it into the one order that it may have. */
export function checkReport(value: unknown): CheckResult {
  const result = v.safeParse(report, value, { abortEarly: true });
  return result.success
    ? { ok: true, report: toCanonical(result.output) as CheckedReport }
    : { ok: false, reason: v.getDotPath(result.issues[0]) ?? 'report' };
}

/**
 * The text to send. Takes only what passed the allowlist.
 *
 * @throws RangeError when it is longer than a report may be.
 */
export function sealReport(checkedReport: CheckedReport): SealedText {
  // Every string in a report is ASCII by the allowlist, so characters are bytes.
  const text = JSON.stringify(checkedReport);
  if (text.length > maxReportBytes) throw new RangeError('report: too long');
  return text as SealedText;
}

/**
 * Whether a text is a report to the byte: on the allowlist, in its order, nothing between or behind.
 * For the outside of the sandbox, so that a broken wall still lets nothing else out.
 */
export function isSealed(text: string): text is SealedText {
  if (text.length > maxReportBytes) return false;
  try {
    const result = checkReport(JSON.parse(text));
    return result.ok && sealReport(result.report) === text;
  } catch {
    // Not JSON, or nested too deeply.
    return false;
  }
}
