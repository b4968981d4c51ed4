import files from 'node:fs';
import { isCode, readText } from '../contract/read-file.ts';
import { replaceFile, StagedFile } from '../contract/write-file.ts';
import { maskEndpoint } from '../contract/endpoint.ts';
import { damagedLedgerFile, ledgerFile, receiptsFile } from '../contract/files.ts';
import {
  maxLedgerBytes,
  maxLifecycleReceipts,
  maxLifecycleReceiptsBytes,
  maxReceiptsFileBytes,
  maxUsageReceipts,
  maxUsageReceiptsBytes,
} from '../contract/limits.ts';
import type { AbsorbResponse, OutgoingReport, SandboxClaim } from '../contract/sandbox.ts';
import { deleteClaims } from './claim.ts';

/**
 * The ledger's text; null when there is none; empty, and so damaged, when it cannot be one.
 *
 * @throws Error when the system does not let it be read: it may be as good as ever.
 */
export function readLedger(dataDir: string): string | null {
  const reading = readText(`${dataDir}/${ledgerFile}`, maxLedgerBytes, files);
  if (reading.state === 'none') return null;
  if (reading.state === 'read') return reading.text;
  if (reading.code !== undefined) throw new Error(`ledger: ${reading.reason}`);
  return '';
}

/**
 * Brings a ledger to the disk, to be published in a commit. That comes last in it: whoever takes
 * over a lock deletes such files first, so a flusher that slept through that has nothing to publish.
 */
export function stageLedger(dataDir: string, text: string, flushId: string): StagedFile {
  return new StagedFile(`${dataDir}/${ledgerFile}`, text, flushId, files);
}

/**
 * Makes what the sandbox has counted the ledger, at once and for good; then lets go of the claims.
 * In this order: the ledger names the claims that it has absorbed, so that a crash between the two
 * neither loses nor doubles.
 */
export function commitAbsorbed(
  dataDir: string,
  ledger: StagedFile,
  { wasLedgerDamaged }: Pick<AbsorbResponse, 'wasLedgerDamaged'>,
  spentClaims: readonly SandboxClaim[],
): void {
  if (wasLedgerDamaged) setLedgerAside(dataDir);
  ledger.publish();
  deleteClaims(dataDir, spentClaims);
}

/**
 * Keeps a ledger that cannot be read for its owner to look at: the last one, not one each time. By a
 * second name, so that there is a ledger at every moment: without one, the engine's id would serve again.
 */
function setLedgerAside(dataDir: string): void {
  const [path, aside] = [`${dataDir}/${ledgerFile}`, `${dataDir}/${damagedLedgerFile}`];
  files.rmSync(aside, { recursive: true, force: true });
  try {
    files.linkSync(path, aside);
  } catch (error) {
    // Somebody has taken over meanwhile and kept one, and what stands there now is a good one.
    if (isCode(error, 'EEXIST')) return;
    // A folder, or a file system that gives no second names.
    files.renameSync(path, aside);
  }
}

/** When, by which endpoint, and in which flush a report was accepted. */
export interface Acceptance {
  readonly now: number;
  readonly endpoint: string;
  readonly flushId: string;
}

/** Keeps the exact text of an accepted report for the user: the newest of each kind that have room. */
export function keepReceipt(
  dataDir: string,
  { batchId, text }: OutgoingReport,
  { now, endpoint, flushId }: Acceptance,
): void {
  const path = `${dataDir}/${receiptsFile}`;
  const receipt = JSON.stringify({
    accepted_at: new Date(now).toISOString(),
    endpoint: maskEndpoint(endpoint),
    batch_id: batchId,
    body: text,
  });
  // What is longer than we ever write, or no file, is nothing to add to.
  const reading = readText(path, maxReceiptsFileBytes, files);
  const kept = reading.state === 'read' ? reading.text.split('\n').filter(Boolean) : [];
  const lines = [...kept, receipt];
  const newest = new Set([
    ...newestOf(lines.filter(hasUsage), maxUsageReceipts, maxUsageReceiptsBytes),
    ...newestOf(
      lines.filter((line) => !hasUsage(line)),
      maxLifecycleReceipts,
      maxLifecycleReceiptsBytes,
    ),
  ]);
  replaceFile(path, `${lines.filter((line) => newest.has(line)).join('\n')}\n`, files, flushId);
}

/** Every other text in a report is of a list or a pattern, and none of them is this name. */
function hasUsage(receipt: string): boolean {
  return receipt.includes('usage_rollup');
}

/** The last lines that fit; the last one always does. */
function newestOf(lines: readonly string[], most: number, maxBytes: number): readonly string[] {
  const newest = lines.slice(-most);
  while (newest.length > 1 && newest.join('\n').length > maxBytes) newest.shift();
  return newest;
}
