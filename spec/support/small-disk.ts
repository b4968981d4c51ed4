import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles, type TestHome } from './home.ts';

/** A disk of 256 KiB in the place of `~/.codegraph`, unmounted when it is disposed of. */
export interface SmallDisk extends Disposable {
  /** Takes all the room there is, but for some pages. */
  fill(pagesLeft: number): void;
  /** Gives all that room back. */
  drain(): void;
}

/** Mounts one; undefined where that is not allowed. */
export function mountSmallDisk({ folder }: TestHome): SmallDisk | undefined {
  mkdirSync(folder);
  const options = ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs'];
  const isMounted =
    process.platform === 'linux' && spawnSync('mount', [...options, folder]).status === 0;
  if (!isMounted) return undefined;
  return {
    fill(pagesLeft) {
      const { bavail, bsize } = statfsSync(folder);
      const path = join(folder, `filler-${pagesLeft}`);
      writeFileSync(path, Buffer.alloc((bavail - pagesLeft) * bsize));
    },
    drain() {
      for (const name of listFiles(folder)) {
        if (name.startsWith('filler-')) rmSync(join(folder, name));
      }
    },
    [Symbol.dispose]() {
      spawnSync('umount', [folder]);
    },
  };
}
