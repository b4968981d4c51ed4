import { spawnSync } from 'node:child_process';
import { preload } from './paths.ts';
import type { TestHome } from './home.ts';
import { leaveQuery, type World } from './hostile.ts';
import { mountSmallDisk } from './small-disk.ts';

/** A disk with one `query` of yesterday on it, that turned bad then. */
export interface BadDisk extends Disposable {
  readonly world: World;
  /** Makes it a good one again. */
  heal(): void;
}

/** A file system without a free page; undefined where none can be mounted. */
export function fullDisk(home: TestHome): BadDisk | undefined {
  const disk = mountSmallDisk(home);
  if (disk === undefined) return undefined;
  leaveQuery(home);
  disk.fill(0);
  return {
    world: {},
    heal: () => {
      disk.drain();
    },
    [Symbol.dispose]: () => {
      disk[Symbol.dispose]();
    },
  };
}

/** A file system that takes no change, as after a fault of the disk; undefined as above. */
export function readOnlyDisk(home: TestHome): BadDisk | undefined {
  const disk = mountSmallDisk(home);
  if (disk === undefined) return undefined;
  leaveQuery(home);
  const remount = (mode: string): void => {
    spawnSync('mount', ['-o', `remount,${mode}`, home.folder]);
  };
  remount('ro');
  return {
    world: {},
    heal: () => {
      remount('rw');
    },
    [Symbol.dispose]: () => {
      disk[Symbol.dispose]();
    },
  };
}

/** Calls that fail, such as `fsyncSync=EIO&renameSync=EIO`. Can be had everywhere. */
export function failing(calls: string): (home: TestHome) => BadDisk {
  return (home) => {
    leaveQuery(home);
    return {
      world: { flags: [`${preload('break-files.mjs')}?${calls}`] },
      heal: () => undefined,
      [Symbol.dispose]: () => undefined,
    };
  };
}
