import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './hostile.ts';

// Where the kernel has its memory groups, by version: the folder, and the file that takes the limit.
const versions = [
  { folder: '/sys/fs/cgroup/memory', limitFile: 'memory.limit_in_bytes' },
  { folder: '/sys/fs/cgroup', limitFile: 'memory.max' },
];

/** As in a container with so much memory; undefined where no group can be made. */
export function limitMemory(bytes: number): World | undefined {
  for (const { folder, limitFile } of versions) {
    const group = join(folder, 'codegraph-promise');
    try {
      mkdirSync(group, { recursive: true });
      writeFileSync(join(group, limitFile), String(bytes), { flag: 'r+' });
      return { shell: `echo $$ > ${group}/cgroup.procs && exec "$@"` };
    } catch {
      // Not this version, or not for us.
    }
  }
  return undefined;
}
