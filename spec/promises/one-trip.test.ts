import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { dayMs, minuteMs, noonToday } from '../support/clock.ts';
import { type CommandOptions, runEngine, runFront } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import {
  distinctEvents,
  type Ingest,
  parseReport,
  startIngest,
  usageIn,
} from '../support/ingest.ts';

/** One count's whole trip, with the real engine: from a command to a report that was accepted. */

it('an index is reported at once, and a day of use the day after', async (context) => {
  using home = openHome();
  await using ingest = await startIngest();
  const today = atNoon(ingest);
  const ts = new Date(noonToday()).toISOString();

  expect(await runFront(home, ['init'], today)).toMatchObject({ code: 0, stderr: '' });

  await skipIfBusy(context, home, ingest);
  expect(ingest.bodies).toHaveLength(1);
  expect(parseReport(ingest.bodies[0]!)).toMatchObject({
    codegraph_version: '1.6.1',
    os: process.platform,
    arch: process.arch,
    node_major: Number.parseInt(process.versions.node, 10),
    ci: false,
    events: [
      {
        event: 'index',
        ts,
        props: {
          languages: ['typescript', 'python'],
          file_count_bucket: '<100',
          duration_bucket: '<10s',
        },
      },
    ],
  });

  const elsewhere = join(home.root, 'elsewhere');
  mkdirSync(elsewhere);
  expect((await runFront(home, ['query', 'greet'], today)).code).toBe(0);
  expect((await runFront(home, ['query', 'greet'], { ...today, cwd: elsewhere })).code).toBe(1);
  expect(ingest.bodies).toHaveLength(1);

  await syncOnNextDay(home, ingest);

  const usage = distinctEvents(ingest.bodies.slice(1));
  expect(new Set(ingest.bodies).size).toBe(2);
  expect(usageIn(usage)).toEqual({ init: '1/0', query: '2/1' });
  expect(usage.map((event) => event.ts)).toEqual([ts, ts]);
});

it('indexing with --quiet is reported too, and what indexed nothing is not', async (context) => {
  using home = openHome();
  await using ingest = await startIngest();
  const today = atNoon(ingest);
  expect((await runEngine(home, ['init'], today)).code).toBe(0);
  const empty = join(home.root, 'empty');
  mkdirSync(empty);

  // Has an index already; is a home, which the engine refuses; has no index; has nothing to index.
  expect((await runFront(home, ['init'], today)).code).toBe(0);
  expect((await runFront(home, ['init', home.home], today)).code).toBe(1);
  expect((await runFront(home, ['index', empty], today)).code).toBe(1);
  expect((await runFront(home, ['init', empty], today)).code).toBe(0);
  expect(ingest.bodies).toEqual([]);

  const quiet = await runFront(home, ['index', '--quiet'], today);

  expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' });
  await skipIfBusy(context, home, ingest);
  expect(ingest.bodies).toHaveLength(1);
  expect(parseReport(ingest.bodies[0]!).events).toMatchObject([{ event: 'index' }]);
});

/**
 * The front stays one second for an event, and asks the engine for its files in that time. Where
 * this takes half of it, at an ordinary 0.2 s, an event that did not come says nothing.
 */
async function skipIfBusy(context: TestContext, home: TestHome, ingest: Ingest): Promise<void> {
  if (ingest.bodies.length > 0) return;
  const startedAt = performance.now();
  await runEngine(home, ['files', '--json']);
  context.skip(performance.now() - startedAt > 500, 'this machine is too busy to tell');
}

/** Consent, and a clock that does not come near midnight. */
function atNoon({ consent }: Ingest): Required<Pick<CommandOptions, 'env' | 'clockShiftMs'>> {
  return { env: consent, clockShiftMs: noonToday() - Date.now() };
}

/**
 * `sync` on the next day, until what it sends beside the engine has arrived. A flush that the end
 * of the engine cuts short is taken up by the next command, when its pause of a minute is over.
 */
async function syncOnNextDay(home: TestHome, ingest: Ingest): Promise<void> {
  const { env, clockShiftMs } = atNoon(ingest);
  const before = ingest.accepted.length;
  for (let run = 0; ingest.accepted.length === before; run++) {
    expect(run).toBeLessThan(5);
    const later = { env, clockShiftMs: clockShiftMs + dayMs + run * 2 * minuteMs };
    expect((await runFront(home, ['sync'], later)).code).toBe(0);
  }
}
