import { receiptsFile } from '../contract/files.ts';
import { maxReceipts, maxReceiptsBytes } from '../contract/limits.ts';
import type { OutgoingReport } from '../contract/sandbox.ts';
import { readText, replaceFile } from './spool.ts';

/** Keeps the exact text of an accepted report for the user: the newest, as many as have room. */
export function keepReceipt(
  dataDir: string,
  { batchId, text }: OutgoingReport,
  now: number,
  flushId: string,
): void {
  const path = `${dataDir}/${receiptsFile}`;
  const receipt = JSON.stringify({
    accepted_at: new Date(now).toISOString(),
    batch_id: batchId,
    body: text,
  });
  const lines = [...(readText(path) ?? '').split('\n').filter(Boolean), receipt].slice(
    -maxReceipts,
  );
  while (lines.length > 1 && lines.join('\n').length > maxReceiptsBytes) lines.shift();
  replaceFile(path, `${lines.join('\n')}\n`, flushId);
}
