import { ledgerFile } from '../../contract/files.ts';
import {
  minAddressBytes,
  minDataBytes,
  minMemoryBytes,
  minThreads,
} from '../../contract/limits.ts';
import { readRoom, type RoomSources } from './linux-room.ts';

const linux: RoomSources = { proc: '/proc', groups: '/sys/fs/cgroup' };

/**
 * Why this process must not have a sender thread, or undefined when it may. Looks at what the process
 * is allowed and at what its limits leave; a thread in too little room does not fail, it takes its
 * host along.
 */
export function whyNoThread(
  dataDir: string,
  sources = linux,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (isForbidden(dataDir)) return 'Node’s permissions do not allow it';
  // Without a limit it is 0, or all there is.
  const constrainedBytes = process.constrainedMemory();
  const leftBytes = constrainedBytes > 0 ? constrainedBytes - process.memoryUsage.rss() : Infinity;
  if (leftBytes < minMemoryBytes) return tooLittleMemory;
  if (platform !== 'linux') return undefined;
  const { memoryBytes, dataBytes, addressBytes, threads } = readRoom(sources);
  if (memoryBytes < minMemoryBytes) return tooLittleMemory;
  if (dataBytes < minDataBytes) return 'the process has too little room for data';
  if (addressBytes < minAddressBytes) return 'the process has too little address space';
  return threads < minThreads ? 'the process may start too few threads' : undefined;
}

const tooLittleMemory = 'the process has too little memory';

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
