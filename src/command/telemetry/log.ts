import files from 'node:fs';
import { readText } from '../../../contract/read-file.ts';
import { ledgerFile, receiptsFile } from '../../../contract/files.ts';
import { parseLedger } from '../../../contract/ledger.ts';
import { maxLedgerBytes, maxReceiptsFileBytes } from '../../../contract/limits.ts';
import type { TelemetryContext } from './context.ts';

/** A report that was sent, to the byte. */
export interface SentReport {
  /** Null for one without an answer: it may have arrived, and is sent again under the same ids. */
  readonly acceptedAt: string | null;
  /** When the first attempt without an answer began; only while `acceptedAt` is null. */
  readonly sentAt?: string;
  readonly batchId: string;
  readonly body: string;
}

/**
 * What was sent: reports without an answer, then those that were accepted, newest first. Changes nothing;
 * a line that cannot be read is left out.
 */
export function describeLog({ watch }: TelemetryContext): readonly SentReport[] {
  const { dataDir } = watch.paths;
  const receipts = readLines(`${dataDir}/${receiptsFile}`)
    .map(parseReceipt)
    .filter((receipt) => receipt !== undefined)
    .toReversed();
  return [...readUnanswered(`${dataDir}/${ledgerFile}`), ...receipts];
}

/** The same for a person. */
export function formatLog(reports: readonly SentReport[]): string {
  if (reports.length === 0) return 'No reports have been sent from this machine.';
  return reports
    .map(({ acceptedAt, sentAt, body }) => {
      const state = acceptedAt ?? `sent at ${sentAt} without an answer, may have arrived`;
      return `${state}, ${body.length} bytes\n${body}`;
    })
    .join('\n\n');
}

function readUnanswered(path: string): readonly SentReport[] {
  const reading = readText(path, maxLedgerBytes, files);
  const reports = reading.state === 'read' ? (parseLedger(reading.text)?.reports ?? []) : [];
  return reports.flatMap(({ batch_id, sent_at, body }) =>
    sent_at === null ? [] : [{ acceptedAt: null, sentAt: sent_at, batchId: batch_id, body }],
  );
}

function readLines(path: string): readonly string[] {
  const reading = readText(path, maxReceiptsFileBytes, files);
  return reading.state === 'read' ? reading.text.split('\n').filter(Boolean) : [];
}

function parseReceipt(line: string): SentReport | undefined {
  try {
    const { accepted_at, batch_id, body } = JSON.parse(line) as { readonly [key: string]: unknown };
    if (typeof accepted_at !== 'string' || typeof batch_id !== 'string') return undefined;
    return typeof body === 'string'
      ? { acceptedAt: accepted_at, batchId: batch_id, body }
      : undefined;
  } catch {
    return undefined;
  }
}
