import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { bufferFile, claimPrefix, spoolFolder } from '../contract/files.ts';
import { claimGraceMs, maxBufferBytes } from '../contract/limits.ts';
import type { SandboxClaim } from '../contract/sandbox.ts';
import { isCode, removeLeftovers } from './spool.ts';

// As many bytes as a buffer may have, and as many again for appends that were under way.
const maxClaimBytes = 2 * maxBufferBytes;

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
    renameSync(`${dataDir}/${bufferFile}`, claimPath(dataDir, name));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return waiting;
    throw error;
  }
  const claim = readClaim(dataDir, name);
  return claim === undefined ? waiting : [...waiting, claim];
}

/** What a flush would take, left where it is: the claims, and the buffer as if it were one. */
export function readUnclaimed(dataDir: string): readonly SandboxClaim[] {
  if (!existsSync(`${dataDir}/${spoolFolder}`)) return [];
  const claims = readClaims(dataDir);
  if (!existsSync(`${dataDir}/${bufferFile}`)) return claims;
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
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const hasGrown = size > bytes.length && bytes.length < maxClaimBytes;
    if (!hasGrown) rmSync(path, { force: true });
  }
}

function readClaims(dataDir: string): readonly SandboxClaim[] {
  return readdirSync(`${dataDir}/${spoolFolder}`)
    .filter((name) => name.startsWith(claimPrefix))
    .map((name) => readClaim(dataDir, name))
    .filter((claim) => claim !== undefined);
}

function readClaim(dataDir: string, name: string): SandboxClaim | undefined {
  const path = claimPath(dataDir, name);
  try {
    // A folder, a link or a device in its place: nothing of ours is in there.
    return lstatSync(path).isFile() ? readOpenClaim(openSync(path, 'r'), name) : undefined;
  } catch (error) {
    // Deleted since it was listed: by `off`, or by a flush beside a preview.
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function readOpenClaim(file: number, name: string): SandboxClaim {
  try {
    const { size, ctimeMs } = fstatSync(file);
    const ageMs = Math.abs(Date.now() - ctimeMs);
    const bytes = new Uint8Array(Math.min(size, maxClaimBytes));
    const read = bytes.subarray(0, readSync(file, bytes));
    // A rename sets the change time, as a write does. An exiting process may have opened the file
    // before the one, and come to the other only while it was being read.
    const isFinal = ageMs > claimGraceMs && fstatSync(file).ctimeMs === ctimeMs;
    return { name, bytes: read, isFinal };
  } finally {
    closeSync(file);
  }
}

function claimPath(dataDir: string, name: string): string {
  return `${dataDir}/${spoolFolder}/${name}`;
}
