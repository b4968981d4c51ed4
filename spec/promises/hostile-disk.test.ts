import { describe, expect, it } from 'vitest';
import { listFiles, openHome, type TestHome } from '../support/home.ts';
import { type BadDisk, failing, fullDisk, readOnlyDisk } from '../support/hostile-disks.ts';
import { busyHost, runIn, usageOnBetterDay } from '../support/hostile.ts';
import { writeHost } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';

/**
 * Whatever a disk refuses, a process ends as it would without us, and what is on the disk is sent once
 * when the disk is well again. What a process could not even write down is lost with it.
 */

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
  { name: 'sets no times', disk: failing('utimesSync=EPERM') },
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
