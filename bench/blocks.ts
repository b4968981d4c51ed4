import { existsSync, readFileSync } from 'node:fs';

/**
 * What `programs/watch-blocks.mjs` has noted: of the blocks that ended between two times, in epoch
 * milliseconds, the milliseconds on the CPU.
 */
export function readBlocks(log: string, from: number, to: number): readonly number[] {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  const blocks = lines.map((line) => line.split(' ').map(Number) as [number, number, number]);
  const during = blocks.filter(([endedAt]) => endedAt >= from && endedAt <= to);
  return during.map(([, , cpuMs]) => cpuMs);
}
