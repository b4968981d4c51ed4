import files from 'node:fs';
import { readText } from '../../../contract/read-file.ts';
import { ledgerFile, receiptsFile } from '../../../contract/files.ts';
import { parseLedger } from '../../../contract/ledger.ts';
import { maxLedgerBytes, maxReceiptsFileBytes } from '../../../contract/limits.ts';
import type { ReportEvent } from '../../../contract/report/allowlist.ts';
import { checkReport } from '../../../contract/report/check.ts';
import type { TelemetryContext } from './context.ts';
import { type Screen, wrap } from '../../screen.ts';
import { formatTime } from './times.ts';

/** A report, exactly as sent. */
export interface SentReport {
  /** Null for one without an answer: it may have arrived, and is sent again under the same IDs. */
  readonly acceptedAt: string | null;
  /** When the first attempt without an answer began; only while `acceptedAt` is null. */
  readonly sentAt?: string;
  /** Which endpoint accepted it, without what may be a secret in it; null if that is not known. */
  readonly endpoint: string | null;
  readonly batchId: string;
  readonly body: string;
}

/**
 * What was sent: reports without an answer, then those that were accepted, newest first. Changes nothing;
 * a line that cannot be read is left out.
 */
export function describeLog({ watch }: TelemetryContext): readonly SentReport[] {
  const { dataDir } = watch.paths;
  return [...readUnanswered(`${dataDir}/${ledgerFile}`), ...readAccepted(dataDir)];
}

/** The reports that were accepted, newest first, as far as their receipts are kept. */
export function readAccepted(dataDir: string): readonly SentReport[] {
  return readLines(`${dataDir}/${receiptsFile}`)
    .map(parseReceipt)
    .filter((receipt) => receipt !== undefined)
    .toReversed();
}

/** The same for a person: when, how many, accepted by whom, and what. */
export function formatLog(reports: readonly SentReport[], screen: Screen): string {
  const { columns } = screen;
  if (reports.length === 0) return 'No reports have been sent from this machine.';
  const sum = reports.length === 1 ? '1 report' : `${reports.length} reports`;
  const head = `${sum}, newest first. Exactly as sent: codegraph telemetry log --json`;
  const entries = reports.map((report) => {
    const events = eventsIn(report.body);
    const number = events.length === 1 ? '1 event' : `${events.length} events`;
    const what = `  ${wrap(describeEvents(events), columns - 2).replaceAll('\n', '\n  ')}`;
    return `${wrap(`${describeState(report, number, screen)}:`, columns, 2)}\n${what}`;
  });
  return [wrap(head, columns), ...entries].join('\n\n');
}

function describeState(
  { acceptedAt, sentAt, endpoint }: SentReport,
  events: string,
  screen: Screen,
): string {
  if (acceptedAt === null) {
    return `${formatTime(sentAt ?? '', screen)}  ${events} sent without an answer, may have arrived`;
  }
  const by = endpoint === null ? '' : ` by ${hostOf(endpoint)}`;
  return `${formatTime(acceptedAt, screen)}  ${events} accepted${by}`;
}

/** The host of an endpoint; a text that is no URL stays as it is. */
export function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).host : endpoint;
}

/** `5 totals of 2026-11-21, 1 index`. */
function describeEvents(events: readonly ReportEvent[]): string {
  const counts = new Map<string, number>();
  for (const { event, ts } of events) {
    const name = event === 'usage_rollup' ? ts.slice(0, 10) : event;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  // Days begin with a digit, so they come first.
  return [...counts]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => {
      const isDay = /^\d/.test(name);
      return isDay ? `${count} ${count === 1 ? 'total' : 'totals'} of ${name}` : `${count} ${name}`;
    })
    .join(', ');
}

/** The events of a report's body; none if it is not one, or says anything that is not on the lists. */
export function eventsIn(body: string): readonly ReportEvent[] {
  try {
    const checked = checkReport(JSON.parse(body));
    return checked.ok ? checked.report.events : [];
  } catch {
    // Damaged, or edited by hand.
    return [];
  }
}

function readUnanswered(path: string): readonly SentReport[] {
  const reading = readText(path, maxLedgerBytes, files);
  const reports = reading.state === 'read' ? (parseLedger(reading.text)?.reports ?? []) : [];
  return reports.flatMap(({ batch_id: batchId, sent_at: sentAt, body }) =>
    sentAt === null ? [] : [{ acceptedAt: null, sentAt, endpoint: null, batchId, body }],
  );
}

function readLines(path: string): readonly string[] {
  const reading = readText(path, maxReceiptsFileBytes, files);
  return reading.state === 'read' ? reading.text.split('\n').filter(Boolean) : [];
}

function parseReceipt(line: string): SentReport | undefined {
  try {
    const receipt = JSON.parse(line) as { readonly [key: string]: unknown };
    const { accepted_at: acceptedAt, endpoint, batch_id: batchId, body } = receipt;
    if (typeof acceptedAt !== 'string' || typeof batchId !== 'string') return undefined;
    const by = typeof endpoint === 'string' ? endpoint : null;
    return typeof body === 'string' ? { acceptedAt, endpoint: by, batchId, body } : undefined;
  } catch {
    return undefined;
  }
}
