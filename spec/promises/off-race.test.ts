import { expect, it } from 'vitest';
import { choiceFileName } from '../../contract/files.ts';
import { dayMs } from '../support/clock.ts';
import { runFront } from '../support/command.ts';
import { listFiles, openHome } from '../support/home.ts';
import { countAt, countQuery, startHost, tell } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';

/**
 * `off` against a hundred programs that end, and a flush, at the same moment: the longest race there
 * is. `OFF_RACE_ROUNDS=200 npm test -- off-race` plays it as often as you like.
 */

const rounds = Number(process.env['OFF_RACE_ROUNDS'] ?? 3);
const programs = 100;
const roundMs = 60_000;

it('leaves nothing on the disk, however the race goes', { timeout: rounds * roundMs }, async () => {
  using home = openHome();
  await using ingest = await startIngest();
  for (let round = 0; round < rounds; round++) {
    await runFront(home, ['telemetry', 'on']);
    await countAt(home, Date.now() - dayMs);
    const ending = `${countQuery} process.stdout.write('counted'); await told();`;
    const flushing = `process.stdout.write('counted'); await told();
        await telemetry.flush({ timeoutMs: 5_000 });`;
    const hosts = Array.from({ length: programs }, () => startHost(home, ending));
    hosts.push(startHost(home, flushing, { env: ingest.place }));
    await Promise.all(hosts.map((host) => host.saw('counted')));

    // Told in two halves, so that some of them end before `off`, some after, and some with it.
    hosts.slice(0, programs / 2).forEach(tell);
    const off = runFront(home, ['telemetry', 'off']);
    hosts.slice(programs / 2).forEach(tell);

    expect(await off).toMatchObject({ code: 0, stderr: '' });
    for (const host of hosts) expect(await host.ended).toMatchObject({ code: 0, stderr: '' });
    expect(listFiles(home.folder), `round ${round + 1}`).toEqual([choiceFileName]);
  }
});
