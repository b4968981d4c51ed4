import { linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { damagedLedgerFile, ledgerFile } from '../contract/files.ts';
import { maxLedgerBytes } from '../contract/limits.ts';
import type { AbsorbResponse, SandboxClaim } from '../contract/sandbox.ts';
import { deleteClaims } from './claim.ts';
import { isCode, readText, StagedFile } from './spool.ts';

/** The ledger's text; null when there is none; empty, and so damaged, when it cannot be one. */
export function readLedger(dataDir: string): string | null {
  const path = `${dataDir}/${ledgerFile}`;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && (!stat.isFile() || stat.size > maxLedgerBytes)) return '';
  return readText(path);
}

/**
 * Brings a ledger to the disk, to be published in a commit. That comes last in it: whoever takes
 * over a lock deletes such files first, so a flusher that slept through that has nothing to publish.
 */
export function stageLedger(dataDir: string, text: string, flushId: string): StagedFile {
  return new StagedFile(`${dataDir}/${ledgerFile}`, text, flushId);
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
  rmSync(aside, { recursive: true, force: true });
  try {
    linkSync(path, aside);
  } catch (error) {
    // Somebody has taken over meanwhile and kept one, and what stands there now is a good one.
    if (isCode(error, 'EEXIST')) return;
    // A folder, or a file system that gives no second names.
    renameSync(path, aside);
  }
}
