import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { choiceFileName } from '../../contract/files.ts';
import { dayMs, minuteMs } from '../support/clock.ts';
import { runFront } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { countAt, countQuery, flushAt, startHost, tell } from '../support/host.ts';
import { type Ingest, parseReport, startIngest } from '../support/ingest.ts';

/** The id that reports go with is drawn at random, for one month, and by nobody else. */

const at = (day: string): number => Date.parse(`${day}T12:00:00.000Z`);

it('is new in each month, and is that of the month of the counts', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const idOn = async (day: string): Promise<string> => await reportedAt(home, ingest, at(day));

  // Each day before is what is counted, and it goes with the id of its own month.
  const october = await idOn('2026-10-30');
  expect(await idOn('2026-10-31')).toBe(october);
  expect(await idOn('2026-11-01')).toBe(october);
  const november = await idOn('2026-11-02');
  expect(november).not.toBe(october);
  // Two machines share this home, and the clock of one is behind.
  expect(await idOn('2026-10-31')).toBe(october);
  expect(await idOn('2026-11-03')).toBe(november);
});

it('is one, when five processes need it at once', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  await countAt(home, Date.now() - dayMs);
  const hosts = Array.from({ length: 5 }, () =>
    startHost(
      home,
      `${countQuery} process.stdout.write('ready'); await told();
       await telemetry.flush({ timeoutMs: 20_000 });`,
      { env: ingest.consent },
    ),
  );
  await Promise.all(hosts.map((host) => host.printed('ready')));
  hosts.forEach(tell);
  await Promise.all(hosts.map((host) => host.ended));
  expect(await flushAt(home, Date.now() + dayMs + minuteMs, ingest.consent)).toBe('sent');

  expect(new Set(ingest.bodies.map(idIn)).size).toBe(1);
});

it('is new after `off` and `on`, and never in the choice file', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  await runFront(home, ['telemetry', 'on']);
  const ids = [];
  for (let turn = 0; turn < 2; turn++) {
    ids.push(await reportedAt(home, ingest, Date.now()));
    expect(choiceIn(home)).toBeNull();
    await runFront(home, ['telemetry', 'off']);
    await runFront(home, ['telemetry', 'on']);
  }
  expect(ids[0]).not.toBe(ids[1]);
});

it('is new when somebody deletes the folder', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const first = await reportedAt(home, ingest, Date.now());
  rmSync(home.spool, { recursive: true });
  expect(await reportedAt(home, ingest, Date.now())).not.toBe(first);
});

/** Counts the day before, flushes, and gives the id that the report went with. */
async function reportedAt(home: TestHome, ingest: Ingest, now: number): Promise<string> {
  await countAt(home, now - dayMs);
  expect(await flushAt(home, now, ingest.consent)).toBe('sent');
  return idIn(ingest.bodies.at(-1) ?? '');
}

function idIn(body: string): string {
  return parseReport(body).machine_id;
}

function choiceIn({ folder }: TestHome): string | null {
  const text = readFileSync(join(folder, choiceFileName), 'utf8');
  return (JSON.parse(text) as { readonly machine_id: string | null }).machine_id;
}
