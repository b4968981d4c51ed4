import files from 'node:fs';
import { readText } from '../../../contract/read-file.ts';
import { receiptsFile } from '../../../contract/files.ts';
import { maxReceiptsFileBytes } from '../../../contract/limits.ts';
import type { TelemetryContext } from './context.ts';

/** A report that the ingest has accepted, to the byte. */
export interface Receipt {
  readonly acceptedAt: string;
  readonly batchId: string;
  readonly body: string;
}

/** The receipts, newest first. Changes nothing; a line that cannot be read is left out. */
export function describeLog({ watch }: TelemetryContext): readonly Receipt[] {
  return readLines(`${watch.paths.dataDir}/${receiptsFile}`)
    .map(parseReceipt)
    .filter((receipt) => receipt !== undefined)
    .toReversed();
}

/** The same for a person. */
export function formatLog(receipts: readonly Receipt[]): string {
  if (receipts.length === 0) return 'Nothing was sent from this machine, as far as it remembers.';
  return receipts
    .map(({ acceptedAt, body }) => `${acceptedAt}, ${body.length} bytes\n${body}`)
    .join('\n\n');
}

function readLines(path: string): readonly string[] {
  const reading = readText(path, maxReceiptsFileBytes, files);
  return reading.state === 'read' ? reading.text.split('\n').filter(Boolean) : [];
}

function parseReceipt(line: string): Receipt | undefined {
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
