import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { start } from '../support/programs.ts';
import { dayMs, noonToday } from '../support/clock.ts';
import { settings } from '../support/command.ts';
import { openHome } from '../support/home.ts';
import { writeHost } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';
import { type Counted, countingAs, nameOf, readCounted } from './counts.ts';
import { ageLock, deliverAll } from './deliver.ts';

/** A process of its own number space, as in a container: the first one there, whoever else runs. */
const inside = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const hasContainers =
  process.platform === 'linux' && spawnSync('unshare', [...inside, 'true']).status === 0;

// Where the system does not allow it, the run shows these as skipped.
it.skipIf(!hasContainers)(
  'three containers of one home and one process id lose nothing',
  async () => {
    using home = openHome();
    await using ingest = await startIngest((index) => (index % 3 === 0 ? 503 : 204));
    const { consent } = ingest;
    const today = noonToday();
    const rounds = 4;
    const counted: Counted[] = [];
    for (let round = 0; round < rounds; round++) {
      const now = today + round * dayMs;
      const containers = [0, 1, 2].map((number) => {
        const name = nameOf(round * 3 + number);
        const body = `${countingAs(name)}
        count(3); persist(); say('process ' + process.pid);
        await told(); count(2); persist();
        await telemetry.flush({ timeoutMs: 10_000 });
        say('flushed'); count(1);`;
        const program = [...inside, process.execPath, writeHost(home, body, now)];
        return { name, ...start('unshare', program, settings(home, { env: consent })) };
      });
      await Promise.all(containers.map((container) => container.printed('process 1\n')));
      for (const { child } of containers) child.stdin.end();
      // One of them dies, at whatever it just does, when another has flushed.
      const [first, second] = containers;
      await first?.printed('flushed');
      second?.child.kill('SIGKILL');
      for (const { name, ended } of containers) counted.push(readCounted(name, await ended));
      ageLock(home);
    }

    const verdict = await deliverAll(home, today + rounds * dayMs, consent, counted, ingest.bodies);

    expect(verdict).toMatchObject({ lost: 0, doubled: 0, problems: [] });
  },
);

it.skipIf(!hasContainers)(
  'the first process of a container goes on after a signal, and counts',
  async () => {
    using home = openHome();
    const now = noonToday();
    await using ingest = await startIngest();
    const { consent } = ingest;
    const name = nameOf(1);
    // Such a process dies of no signal that it has no handler for.
    const body = `${countingAs(name)}
    count(1);
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => count(1), 50);`;
    const program = [...inside, process.execPath, writeHost(home, body, now)];

    const ended = await start('unshare', program, settings(home, { env: consent })).ended;

    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    const counted = [readCounted(name, ended)];
    expect(await deliverAll(home, now, consent, counted, ingest.bodies)).toMatchObject({
      known: 3,
      problems: [],
    });
  },
);
