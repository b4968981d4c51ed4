import { readFileSync } from 'node:fs';
import { ledgerFile } from '../../contract/files.ts';
import { minAddressBytes, minMemoryBytes } from '../../contract/limits.ts';

/**
 * Why this process must not have a sender thread, or undefined when it may. Looks at what the process
 * is allowed and at its limits; a thread in too little room does not fail, it takes its host along.
 */
export function whyNoThread(dataDir: string): string | undefined {
  if (isForbidden(dataDir)) return 'Node’s permissions do not allow it';
  // Without a limit it is 0, or all there is.
  const memoryBytes = process.constrainedMemory();
  if (memoryBytes > 0 && memoryBytes < minMemoryBytes) return 'the process has too little memory';
  if (addressBytes() < minAddressBytes) return 'the process has too little address space';
  return undefined;
}

/**
 * A thread is started without the flags of its process, and with them it loses what they forbid. So
 * the process is asked in its place.
 */
function isForbidden(dataDir: string): boolean {
  const permission = process.permission as NodeJS.ProcessPermission | undefined;
  if (permission === undefined) return false;
  // Before Node 25 there was no such permission, and everybody had it.
  const hasNetwork =
    !process.allowedNodeEnvironmentFlags.has('--allow-net') ||
    // oxlint-disable-next-line ours/no-connections -- The name of a permission.
    permission.has('net');
  const mayWrite = permission.has('fs.write', `${dataDir}/${ledgerFile}`);
  return !hasNetwork || !mayWrite || !permission.has('worker');
}

/** What `ulimit -v` has left; Infinity where there is no limit, or no such thing. */
function addressBytes(): number {
  if (process.platform !== 'linux') return Infinity;
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max address space +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    // A container without /proc: no limit that anybody could have looked up.
    return Infinity;
  }
}
