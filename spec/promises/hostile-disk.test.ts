import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { busyHost, leaveQuery, runIn, usageOnBetterDay, type World } from '../support/hostile.ts';
import { writeHost } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';
import { preload } from '../support/paths.ts';

/**
 * Whatever a disk refuses, a process ends as it would without us, and what is on the disk is sent once
 * when the disk is well again. What a process could not even write down is lost with it.
 */

/** A disk with one `query` of yesterday on it, that turned bad then. */
interface BadDisk extends Disposable {
  readonly world: World;
  /** Makes it a good one again. */
  heal(): void;
}

/** A disk of 256 KiB in the place of `~/.codegraph`; undefined where none may be mounted. */
function mountDisk(home: TestHome, spoil: () => void, heal: () => void): BadDisk | undefined {
  mkdirSync(home.folder);
  const options = ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs'];
  const isMounted =
    process.platform === 'linux' && spawnSync('mount', [...options, home.folder]).status === 0;
  if (!isMounted) return undefined;
  leaveQuery(home);
  spoil();
  return { world: {}, heal, [Symbol.dispose]: () => void spawnSync('umount', [home.folder]) };
}

/** A file system without a free page. */
function fullDisk(home: TestHome): BadDisk | undefined {
  const filler = join(home.folder, 'filler');
  const fill = (): void => {
    const { bavail, bsize } = statfsSync(home.folder);
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
  };
  return mountDisk(home, fill, () => {
    rmSync(filler);
  });
}

/** A file system that takes no change, as after a fault of the disk. */
function readOnlyDisk(home: TestHome): BadDisk | undefined {
  const remount = (mode: string) => () => {
    spawnSync('mount', ['-o', `remount,${mode}`, home.folder]);
  };
  return mountDisk(home, remount('ro'), remount('rw'));
}

/** Calls that fail, such as `fsyncSync=EIO&renameSync=EIO`. Can be had everywhere. */
function failing(calls: string): (home: TestHome) => BadDisk {
  return (home) => {
    leaveQuery(home);
    return {
      world: { flags: [`${preload('break-files.mjs')}?${calls}`] },
      heal: () => undefined,
      [Symbol.dispose]: () => undefined,
    };
  };
}

interface Refusal {
  readonly name: string;
  /** Undefined where it cannot be had. */
  readonly disk: (home: TestHome) => BadDisk | undefined;
  /** The flush gets through all the same. */
  readonly sends?: true;
  /** Nothing can be written. */
  readonly keepsNothing?: true;
  /** The lock stays, until it is old. */
  readonly keepsLock?: true;
}

const everyChange = ['mkdirSync', 'openSync', 'renameSync', 'rmSync', 'unlinkSync', 'utimesSync'];

const refusals: readonly Refusal[] = [
  // In the last page of the buffer there is room for a frame or two.
  { name: 'is full, to the last page,', disk: fullDisk },
  { name: 'is mounted read-only', disk: readOnlyDisk, keepsNothing: true },
  {
    name: 'refuses every change',
    disk: failing(everyChange.map((call) => `${call}=EROFS`).join('&')),
    keepsNothing: true,
  },
  {
    name: 'has no room left for this user',
    disk: failing('writeSync=EDQUOT&writeFileSync=EDQUOT'),
    keepsNothing: true,
  },
  { name: 'syncs nothing', disk: failing('fsyncSync=EIO') },
  { name: 'renames nothing', disk: failing('renameSync=EIO') },
  {
    name: 'renames the buffer, and not the ledger',
    disk: failing('renameSync:ledger.json=EACCES'),
  },
  { name: 'lists nothing', disk: failing('readdirSync=EIO') },
  {
    name: 'deletes nothing',
    disk: failing('rmSync=EPERM&unlinkSync=EPERM'),
    sends: true,
    keepsLock: true,
  },
  { name: 'sets no times', disk: failing('utimesSync=EPERM'), sends: true },
  { name: 'knows no exclusive open', disk: failing('openSync:wx=EINVAL'), sends: true },
];

describe.skipIf(process.platform === 'win32').concurrent('on a disk that', () => {
  it.for(refusals)(
    '$name',
    async ({ disk: make, sends, keepsNothing, keepsLock = false }, context) => {
      using home = openHome();
      await using ingest = await startIngest();
      using disk = make(home);
      if (disk === undefined) return context.skip('it could not be mounted: that needs root');
      const host = [writeHost(home, busyHost)];

      const alone = await runIn(home, disk.world, host, { CODEGRAPH_TELEMETRY: '0' });
      const counting = await runIn(home, disk.world, host, ingest.consent);

      expect(alone.code).toBe(3);
      expect(counting).toEqual(alone);
      expect(ingest.bodies).toHaveLength(sends ? 1 : 0);
      expect(listFiles(home.spool).includes('lock')).toBe(keepsLock);
      disk.heal();
      expect(await usageOnBetterDay(home, ingest)).toEqual({
        query: '1/0',
        ...(!keepsNothing && { sync: '2/0' }),
      });
    },
  );
});
