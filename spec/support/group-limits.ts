import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './hostile.ts';

/** Where the kernel has its control groups, by version: the folder, and the file that takes the limit. */
interface Place {
  readonly folder: string;
  readonly limitFile: string;
}

/** As in a container with so much memory; undefined where no group can be made. */
export function limitMemory(bytes: number): World | undefined {
  return limitGroup(bytes, [
    { folder: '/sys/fs/cgroup/memory', limitFile: 'memory.limit_in_bytes' },
    { folder: '/sys/fs/cgroup', limitFile: 'memory.max' },
  ]);
}

/** As in a container with so many threads; undefined where no group can be made. */
export function limitThreads(threads: number): World | undefined {
  return limitGroup(threads, [
    { folder: '/sys/fs/cgroup/pids', limitFile: 'pids.max' },
    { folder: '/sys/fs/cgroup', limitFile: 'pids.max' },
  ]);
}

function limitGroup(limit: number, places: readonly Place[]): World | undefined {
  for (const { folder, limitFile } of places) {
    const group = join(folder, `codegraph-promise-${limit}`);
    try {
      mkdirSync(group, { recursive: true });
      writeFileSync(join(group, limitFile), String(limit), { flag: 'r+' });
      return { shell: `echo $$ > ${group}/cgroup.procs && exec "$@"` };
    } catch {
      // Not this version, or not for us.
    }
  }
  return undefined;
}
