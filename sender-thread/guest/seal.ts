import type { ReportEvent } from '../../contract/report/allowlist.ts';
import { type DayNumber, formatDay, formatMonth, noonOf, parseDay } from '../../contract/day.ts';
import type { Ledger, LedgerReport, OpenDay } from '../../contract/ledger.ts';
import { maxEventsPerReport, maxReportBytes } from '../../contract/limits.ts';
import { sortByText } from '../../contract/report/canonical.ts';
import { sealReport } from '../../contract/report/check.ts';
import type { OutgoingReport, Reporter } from '../../contract/sandbox.ts';
import { checkEvents } from './check.ts';
import type { Calendar } from './calendar.ts';
import type { IdSource } from './id-source.ts';
import { envelopeOfMonth, forgetIds } from './monthly-id.ts';

// The envelope with its keys, and the closing brackets; measured at most 330 bytes.
const envelopeBytes = 400;

/**
 * Moves what may leave from the open days into sealed reports: usage of days that are over, and
 * lifecycle events at once, as far as the calendar allows. Ids are given here, once, so that any
 * resend is recognizable. Stops when the ids run out; the rest stays open for the next flush.
 */
export function sealReports(
  ledger: Ledger,
  reporter: Reporter,
  today: DayNumber,
  calendar: Calendar,
  ids: IdSource,
): ReadonlyMap<LedgerReport, OutgoingReport> {
  const sealed = new Map<LedgerReport, OutgoingReport>();
  forgetIds(ledger, calendar);
  for (const batch of takeBatches(ledger, today, calendar, ids)) {
    const envelope = envelopeOfMonth(ledger, reporter, batch.oldest);
    const checked = checkEvents(envelope, ids.take(), batch.events);
    if (!checked.ok) {
      // Nothing that fails the check may ever leave: it is dropped, and the user can see it.
      ledger.lost.unlisted += batch.events.reduce((sum, event) => sum + countOf(event), 0);
      continue;
    }
    const { batch_id, events } = checked.report;
    const text = sealReport(checked.report);
    const waiting: LedgerReport = {
      batch_id,
      day: formatDay(batch.oldest),
      sent_at: null,
      body: text,
    };
    ledger.reports.push(waiting);
    sealed.set(waiting, { batchId: batch_id, events: events.length, text });
  }
  return sealed;
}

function countOf(event: ReportEvent): number {
  return event.event === 'usage_rollup' ? event.props.count : 1;
}

interface Batch {
  readonly events: ReportEvent[];
  readonly oldest: DayNumber;
}

/** Full batches of events, oldest day first; each is taken out of the ledger before it is given. */
function* takeBatches(
  ledger: Ledger,
  today: DayNumber,
  calendar: Calendar,
  ids: IdSource,
): Generator<Batch> {
  let events: ReportEvent[] = [];
  let bytes = envelopeBytes;
  let oldest: DayNumber | undefined;
  for (const { day, event } of takeEvents(ledger, today, calendar, ids)) {
    const eventBytes = JSON.stringify(event).length + 1;
    const isFull = events.length >= maxEventsPerReport || bytes + eventBytes > maxReportBytes;
    // A month has an id of its own, so a report is of one month.
    const isOver =
      oldest !== undefined && oldest !== day && formatMonth(oldest) !== formatMonth(day);
    if ((isFull || isOver) && oldest !== undefined) {
      yield { events, oldest };
      events = [];
      bytes = envelopeBytes;
      oldest = undefined;
    }
    events.push(event);
    bytes += eventBytes;
    oldest ??= day;
  }
  if (oldest !== undefined) yield { events, oldest };
}

interface DatedEvent {
  readonly day: DayNumber;
  readonly event: ReportEvent;
}

function* takeEvents(
  ledger: Ledger,
  today: DayNumber,
  calendar: Calendar,
  ids: IdSource,
): Generator<DatedEvent> {
  for (const text of Object.keys(ledger.days).toSorted()) {
    const open = ledger.days[text];
    const day = parseDay(text);
    if (open === undefined || day === undefined || !calendar.isUsable(day)) continue;
    yield* takeEventsOfDay(open, day, day < today, ids);
    if (open.usage.length === 0 && open.events.length === 0) delete ledger.days[text];
  }
}

function* takeEventsOfDay(
  open: OpenDay,
  day: DayNumber,
  isOver: boolean,
  ids: IdSource,
): Generator<DatedEvent> {
  const ts = noonOf(day);
  if (ids.remaining <= 2) return;
  // Which events share a report must not tell in which order they came.
  open.events = sortByText(open.events, JSON.stringify);
  if (isOver) open.usage = sortByText(open.usage, JSON.stringify);
  // Two ids are left over each time: for the report that is full by now, and for the next.
  while (open.events.length > 0 && ids.remaining > 2) {
    const lifecycle = open.events.shift()!;
    yield { day, event: { ...lifecycle, ts, event_id: ids.take() } };
  }
  while (isOver && open.usage.length > 0 && ids.remaining > 2) {
    const props = open.usage.shift()!;
    yield { day, event: { event: 'usage_rollup', ts, event_id: ids.take(), props } };
  }
}
