import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Ended, run } from '../support/programs.ts';
import { dayMs, noonToday } from '../support/clock.ts';
import { settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { writeHost } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';
import { front, library } from '../support/paths.ts';
import { countingAs, nameOf, readCounted } from './counts.ts';
import { deliverAll } from './deliver.ts';

/** One home, and more than one user who runs commands in it. */

const [alice, bob, root] = [4_001, 4_002, 0];

/** Whether this run may start programs as others, and they may read what was built. */
const canSwitch =
  process.getuid?.() === root &&
  spawnSync(process.execPath, ['--input-type=module', '-e', `import '${library}'`], {
    uid: bob,
    gid: bob,
  }).status === 0;

const count = `count(2); persist(); await telemetry.flush({ timeoutMs: 10_000 }); count(1);`;

// Where the run is not root's, it shows these as skipped.
it.skipIf(!canSwitch).each([
  { who: 'a second user', uid: bob },
  { who: 'root', uid: root },
])('$who in the home of another disturbs nothing there', async ({ uid }) => {
  using home = openHome();
  await using ingest = await startIngest();
  const { consent } = ingest;
  const now = noonToday();
  share(home);
  const runAs = async (user: number, name: string, day: number): Promise<Ended> =>
    await run(process.execPath, [writeHost(home, countingAs(name) + count, now + day * dayMs)], {
      ...settings(home, { env: consent }),
      uid: user,
    });
  const first = await runAs(alice, nameOf(1), 0);
  const before = contentOf(home);

  const second = await runAs(uid, nameOf(2), 1);
  const command = await run(process.execPath, [front, 'version'], {
    ...settings(home, { env: consent }),
    uid,
  });

  expect(second).toMatchObject({ code: 0, signal: null, stderr: '' });
  expect(command).toMatchObject({ code: 0, stderr: '' });
  expect(contentOf(home)).toEqual(before);
  expect(openTo(home, alice)).toEqual([]);
  const third = await runAs(alice, nameOf(3), 2);
  const counted = [readCounted(nameOf(1), first), readCounted(nameOf(3), third)];
  const verdict = await deliverAll(home, now + 2 * dayMs, consent, counted, ingest.bodies, alice);
  expect(verdict).toMatchObject({ known: 7, problems: [] });
  expect(openTo(home, alice)).toEqual([]);
});

/** A home that belongs to one user, where another may write as well. */
function share({ root: folder, home, project }: TestHome): void {
  chmodSync(folder, 0o755);
  chownSync(home, alice, alice);
  chmodSync(home, 0o777);
  chmodSync(project, 0o777);
}

/** All there is below `~/.codegraph`, to the byte. */
function contentOf({ folder }: TestHome): Readonly<Record<string, string>> {
  const files = listFiles(folder).filter((name) => lstatSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );
}

/** What is not for its owner's eyes alone: there must be none. */
function openTo({ folder }: TestHome, owner: number): readonly string[] {
  return listFiles(folder).filter((name) => {
    const { mode, uid } = lstatSync(join(folder, name));
    return uid !== owner || (mode & 0o077) !== 0;
  });
}
