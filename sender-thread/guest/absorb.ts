import type { ReportEvent } from '../../contract/report/allowlist.ts';
import { type DayNumber, formatDay, parseDay } from '../../contract/day.ts';
import {
  emptyLedger,
  formatLedger,
  type Ledger,
  ledgerAfterDamage,
  type LedgerReport,
  parseLedger,
} from '../../contract/ledger.ts';
import { maxDay, maxReportsPerFlush } from '../../contract/limits.ts';
import { checkReport, sealReport } from '../../contract/report/check.ts';
import type {
  AbsorbRequest,
  AbsorbResponse,
  FramedClaim,
  OutgoingReport,
} from '../../contract/sandbox.ts';
import { waitMsUntil } from '../../contract/wait.ts';
import { bookAttempt } from './attempt.ts';
import { Calendar } from './calendar.ts';
import { decodeClaim } from './decode.ts';
import { IdSource } from './id-source.ts';
import { dropLostDays, rollUp } from './roll-up.ts';
import { sealReports } from './seal.ts';
import { shedOldest } from './shed.ts';

/** Decodes, rolls up, checks and seals: one call of a flush, from bytes to text. */
export function absorb(request: AbsorbRequest<FramedClaim>): AbsorbResponse {
  const { ledger: text, today, now, reporter } = request;
  const read = text === null ? emptyLedger() : parseLedger(text);
  const ledger = read ?? ledgerAfterDamage();
  const { spentClaims, isComplete } = absorbClaims(ledger, request);
  const calendar = new Calendar(ledger, today);
  dropLostDays(ledger, calendar);
  dropLostReports(ledger, calendar);
  noteFlushDay(ledger, today);
  const isHeld = ledger.sending.stopped || waitMsUntil(ledger.sending.not_before, now) > 0;
  // What cannot be sent yet stays open: lifecycle events that wait together share a report.
  const mayReport = isComplete && reporter !== null && !isHeld;
  const sealed = mayReport
    ? sealReports(ledger, reporter, today, calendar, new IdSource(request.randomBytes))
    : new Map<LedgerReport, OutgoingReport>();
  shedOldest(ledger);
  const reports = mayReport ? takeDueReports(ledger, calendar, sealed) : [];
  const outcome = ledger.reports.length === 0 ? 'nothing-to-send' : 'waiting';
  // How the last attempt ended stays in sight for as long as it holds the next one back.
  if (!isHeld || ledger.sending.last_flush === null)
    ledger.sending.last_flush = { at: new Date(now).toISOString(), outcome };
  const [first] = reports;
  if (first !== undefined) bookAttempt(ledger, first.batchId, now);
  return {
    ledger: formatLedger(ledger),
    wasLedgerDamaged: read === undefined,
    isComplete,
    spentClaims,
    reports,
    outcome,
  };
}

/** Counts each claim from where an earlier call left it; `spentClaims` have nothing left in them. */
function absorbClaims(
  ledger: Ledger,
  { claims, maxBytes }: Pick<AbsorbRequest<FramedClaim>, 'claims' | 'maxBytes'>,
): Pick<AbsorbResponse, 'spentClaims' | 'isComplete'> {
  const known = ledger.claims;
  // What no longer stands on disk was deleted after an earlier commit.
  ledger.claims = {};
  const spentClaims: string[] = [];
  let isComplete = true;
  let bytesLeft = maxBytes;
  for (const claim of claims) {
    const decoded = decodeClaim(claim, known[claim.name] ?? 0, bytesLeft);
    rollUp(ledger, decoded.frames);
    ledger.lost.damaged_bytes += decoded.damagedBytes;
    ledger.claims[claim.name] = decoded.end;
    bytesLeft -= decoded.decodedBytes;
    if (decoded.rest === 'cut') isComplete = false;
    if (claim.isFinal && decoded.rest === 'none') spentClaims.push(claim.name);
  }
  return { spentClaims, isComplete };
}

function dropLostReports(ledger: Ledger, calendar: Calendar): void {
  const kept = ledger.reports.filter(({ day }) => !calendar.isLost(parseDay(day) ?? maxDay + 1));
  ledger.lost.expired_reports += ledger.reports.length - kept.length;
  ledger.reports = kept;
}

/** The next flush on another day has this one's clock to compare its own with. */
function noteFlushDay(ledger: Ledger, today: DayNumber): void {
  const others = ledger.flush_days.filter((day) => day !== formatDay(today));
  ledger.flush_days = [formatDay(today), ...others].slice(0, 2);
}

/**
 * The reports to send now. What this call has not sealed itself came from a file, which can be
 * edited, and is checked again.
 */
function takeDueReports(
  ledger: Ledger,
  calendar: Calendar,
  sealed: ReadonlyMap<LedgerReport, OutgoingReport>,
): readonly OutgoingReport[] {
  const due: OutgoingReport[] = [];
  const usable = ledger.reports.filter(({ day }) => calendar.isUsable(parseDay(day) ?? maxDay));
  for (const waiting of usable.slice(0, maxReportsPerFlush)) {
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
