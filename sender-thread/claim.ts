import files from 'node:fs';
import { basename } from 'node:path';
import { isCode } from '../contract/read-file.ts';
import {
  bufferFile,
  claimPrefix,
  failureFile,
  installRecordFile,
  ledgerFile,
  lockFile,
  noticeFile,
  receiptsFile,
  spoolFolder,
  temporarySuffix,
} from '../contract/files.ts';
import { claimGraceMs, lockStaleMs, maxBufferBytes } from '../contract/limits.ts';
import type { SandboxClaim } from '../contract/sandbox.ts';

// As many bytes as a buffer may have, and as many again for appends that were under way.
const maxClaimBytes = 2 * maxBufferBytes;

// Read at once. A machine that works has one claim, and rarely a second one.
const maxClaimedBytes = 4 * maxBufferBytes;

/** Files that are written beside their place first. */
const stagedFiles = [
  ledgerFile,
  receiptsFile,
  noticeFile,
  installRecordFile,
  failureFile,
  lockFile,
];

/**
 * Takes the buffer by renaming it, and reads every claim that stands in the spool, those of crashed
 * flushers included. While claims of a full buffer's size wait already, the buffer stays where it
 * is and its own bound holds.
 */
export function takeClaims(dataDir: string, flushId: string): readonly SandboxClaim[] {
  removeLeftovers(`${dataDir}/${spoolFolder}`);
  const waiting = readClaims(dataDir);
  const waitingBytes = waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (waitingBytes >= maxBufferBytes) return waiting;
  const name = `${claimPrefix}${flushId}`;
  try {
    files.renameSync(`${dataDir}/${bufferFile}`, claimPath(dataDir, name));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return waiting;
    throw error;
  }
  const claim = readClaim(dataDir, name);
  return claim === undefined ? waiting : [...waiting, claim];
}

/** What a flush would take, left where it is: the claims, and the buffer as if it were one. */
export function readUnclaimed(dataDir: string): readonly SandboxClaim[] {
  if (!files.existsSync(`${dataDir}/${spoolFolder}`)) return [];
  const claims = readClaims(dataDir);
  if (!files.existsSync(`${dataDir}/${bufferFile}`)) return claims;
  const buffer = readClaim(dataDir, bufferFile.slice(spoolFolder.length + 1));
  return buffer === undefined ? claims : [...claims, buffer];
}

/**
 * Deletes claims whose every count is in the committed ledger. One that has grown since it was read
 * stays: an appender had it open for all this time, and the next flush goes on from there.
 */
export function deleteClaims(dataDir: string, claims: readonly SandboxClaim[]): void {
  for (const { name, bytes } of claims) {
    const path = claimPath(dataDir, name);
    const size = files.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const hasGrown = size > bytes.length && bytes.length < maxClaimBytes;
    if (!hasGrown) files.rmSync(path, { force: true });
  }
}

/**
 * All claims, the bytes of as many as are read at once. The others are shown empty, so that the ledger
 * keeps how much of them it has; a later flush comes to them.
 */
function readClaims(dataDir: string): readonly SandboxClaim[] {
  const claims: SandboxClaim[] = [];
  let bytesLeft = maxClaimedBytes;
  for (const name of files.readdirSync(`${dataDir}/${spoolFolder}`)) {
    if (!name.startsWith(claimPrefix)) continue;
    const claim = readClaim(dataDir, name, bytesLeft > 0);
    if (claim === undefined) continue;
    claims.push(claim);
    bytesLeft -= claim.bytes.length;
  }
  return claims;
}

function readClaim(dataDir: string, name: string, hasRoom = true): SandboxClaim | undefined {
  const path = claimPath(dataDir, name);
  try {
    // A folder, a link or a device in its place: nothing of ours is in there.
    if (!files.lstatSync(path).isFile()) return undefined;
    if (!hasRoom) return { name, bytes: new Uint8Array(), isFinal: false };
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = files.constants;
    return readOpenClaim(files.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), name);
  } catch (error) {
    // Deleted since it was listed: by `off`, or by a flush beside a preview.
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function readOpenClaim(file: number, name: string): SandboxClaim {
  try {
    const { size, ctimeMs } = files.fstatSync(file);
    const ageMs = Math.abs(Date.now() - ctimeMs);
    const bytes = new Uint8Array(Math.min(size, maxClaimBytes));
    const read = bytes.subarray(0, files.readSync(file, bytes));
    // A rename sets the change time, as a write does. An exiting process may have opened the file
    // before the one, and come to the other only while it was being read.
    const isFinal = ageMs > claimGraceMs && files.fstatSync(file).ctimeMs === ctimeMs;
    return { name, bytes: read, isFinal };
  } finally {
    files.closeSync(file);
  }
}

/**
 * Deletes what crashed writers have left on its way to a name. Most need milliseconds for that. But
 * only who has the lock may write a ledger: another's is of a flusher that has lost it, and that
 * might wake up and give it the name.
 */
export function removeLeftovers(folder: string): void {
  const stagedLedger = `${basename(ledgerFile)}.`;
  for (const name of files.readdirSync(folder)) {
    const path = `${folder}/${name}`;
    if (!isStaged(name)) continue;
    const stat = files.lstatSync(path, { throwIfNoEntry: false });
    const isOld = stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) > lockStaleMs;
    if (isOld || name.startsWith(stagedLedger)) {
      files.rmSync(path, { recursive: true, force: true });
    }
  }
}

/** `<name>.<random>.tmp`, and the name is one of ours: what anybody else keeps here stays. */
function isStaged(name: string): boolean {
  return (
    name.endsWith(temporarySuffix) &&
    stagedFiles.some((file) => name.startsWith(`${basename(file)}.`))
  );
}

function claimPath(dataDir: string, name: string): string {
  return `${dataDir}/${spoolFolder}/${name}`;
}
