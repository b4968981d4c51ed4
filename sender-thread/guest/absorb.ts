import type { ReportEvent } from '../../contract/report/allowlist.ts';
import { dayOf, formatDay, parseDay } from '../../contract/day.ts';
import {
  emptyLedger,
  formatLedger,
  type Ledger,
  ledgerAfterDamage,
  type LedgerReport,
  parseLedger,
  waitMsOf,
} from '../../contract/ledger.ts';
import { attemptHoldMs, maxAgeDays, maxReportsPerFlush } from '../../contract/limits.ts';
import { checkReport, sealReport } from '../../contract/report/check.ts';
import type {
  AbsorbRequest,
  AbsorbResponse,
  FramedClaim,
  OutgoingReport,
} from '../../contract/sandbox.ts';
import { decodeClaim } from './decode.ts';
import { IdSource } from './id-source.ts';
import { dropUndatableDays, rollUp } from './roll-up.ts';
import { sealReports } from './seal.ts';
import { shedOldest } from './shed.ts';

/** Decodes, rolls up, checks and seals: one call of a flush, from bytes to text. */
export function absorb(request: AbsorbRequest<FramedClaim>): AbsorbResponse {
  const { ledger: text, claims, today, now, reporter } = request;
  const read = text === null ? emptyLedger() : parseLedger(text);
  const ledger = read ?? ledgerAfterDamage();
  const spentClaims = absorbClaims(ledger, claims, today);
  dropUndatableDays(ledger, today);
  dropExpiredReports(ledger, now);
  const maySend = reporter !== null && !ledger.sending.stopped;
  const sealed = maySend
    ? sealReports(ledger, reporter, today, new IdSource(request.randomBytes))
    : new Map<LedgerReport, OutgoingReport>();
  shedOldest(ledger);
  const reports = maySend ? takeDueReports(ledger, sealed, now) : [];
  const outcome = ledger.reports.length === 0 ? 'nothing-to-send' : 'waiting';
  ledger.sending.last_flush = { at: new Date(now).toISOString(), outcome };
  // Booked before the first POST: a process that dies in it does not try again at once.
  if (reports.length > 0) ledger.sending.not_before = new Date(now + attemptHoldMs).toISOString();
  return {
    ledger: formatLedger(ledger),
    wasLedgerDamaged: read === undefined,
    spentClaims,
    reports,
    outcome,
  };
}

/** Counts each claim from where an earlier flush left it; returns those with nothing left in them. */
function absorbClaims(
  ledger: Ledger,
  claims: readonly FramedClaim[],
  today: number,
): readonly string[] {
  const known = ledger.claims;
  // What no longer stands on disk was deleted after an earlier commit.
  ledger.claims = {};
  const spent: string[] = [];
  for (const claim of claims) {
    const { frames, damagedBytes, end } = decodeClaim(claim, known[claim.name] ?? 0);
    rollUp(ledger, frames, today);
    ledger.lost.damaged_bytes += damagedBytes;
    ledger.claims[claim.name] = end;
    if (claim.isFinal) spent.push(claim.name);
  }
  return spent;
}

function dropExpiredReports(ledger: Ledger, now: number): void {
  const oldest = formatDay(dayOf(now) - maxAgeDays);
  const kept = ledger.reports.filter(({ day }) => day >= oldest);
  ledger.lost.expired_reports += ledger.reports.length - kept.length;
  ledger.reports = kept;
}

/**
 * The reports to send now. What this call has not sealed itself came from a file, which can be
 * edited, and is checked again.
 */
function takeDueReports(
  ledger: Ledger,
  sealed: ReadonlyMap<LedgerReport, OutgoingReport>,
  now: number,
): readonly OutgoingReport[] {
  if (waitMsOf(ledger, now) > 0) return [];
  const due: OutgoingReport[] = [];
  for (const waiting of ledger.reports.slice(0, maxReportsPerFlush)) {
    const report = sealed.get(waiting) ?? recheck(waiting.body);
    const place = ledger.reports.indexOf(waiting);
    if (report === undefined) {
      ledger.reports.splice(place, 1);
      ledger.lost.unlisted += 1;
      continue;
    }
    // The answer is booked by the id that is sent: under another one it would be sent for ever.
    ledger.reports[place] = { ...waiting, batch_id: report.batchId };
    due.push(report);
  }
  return due;
}

function recheck(body: string): OutgoingReport | undefined {
  try {
    const checked = checkReport(JSON.parse(body));
    if (!checked.ok) return undefined;
    const { batch_id: batchId, events } = checked.report;
    if (!events.every(isDated)) return undefined;
    return { batchId, events: events.length, text: sealReport(checked.report) };
  } catch {
    // Not JSON any more: nothing that could be sent.
    return undefined;
  }
}

/** Whether its day is in the calendar: to the allowlist, any eight digits are a day. */
function isDated({ ts }: ReportEvent): boolean {
  return parseDay(ts.slice(0, 10)) !== undefined;
}
