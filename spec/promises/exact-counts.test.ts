import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockFile } from '../../contract/files.ts';
import { lockStaleMs } from '../../contract/limits.ts';
import { atOnce } from '../support/at-once.ts';
import { dayMs, minuteMs, noonToday } from '../support/clock.ts';
import { runFront } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { countAt, flushAt, runHost, startHost } from '../support/host.ts';
import {
  type Answer,
  distinctEvents,
  parseReport,
  startIngest,
  usageIn,
} from '../support/ingest.ts';

/** What was counted arrives once, whatever happens on the way. */

const count = `telemetry.count('cli_command', 'version');`;

it('60 commands of one kind, 20 at a time, arrive as one event with count 60', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const now = noonToday();
  const env = { CODEGRAPH_TELEMETRY: '1' };
  // Every fifth is the real command, the others are programs that count the same.
  const commands = Array.from(
    { length: 60 },
    (_, index) => async () =>
      index % 5 === 0
        ? await runFront(home, ['version'], { env, clockShiftMs: now - Date.now() })
        : await runHost(home, count, { env, now }),
  );

  const ended = await atOnce(20, commands);

  expect(ended.filter(({ code }) => code !== 0)).toEqual([]);
  expect(await flushAt(home, now + dayMs, ingest.consent)).toBe('sent');
  expect(ingest.bodies).toHaveLength(1);
  expect(parseReport(ingest.bodies[0]!).events).toMatchObject([
    {
      event: 'usage_rollup',
      ts: new Date(now).toISOString(),
      props: { kind: 'cli_command', name: 'version', count: 60, error_count: 0 },
    },
  ]);
});

it('a report that is not accepted is sent again, byte for byte, until it is', async () => {
  using home = openHome();
  const answers: readonly Answer[] = [
    500,
    { status: 429, headers: { 'retry-after': '60' } },
    408,
    { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
    'hang',
    'break',
    204,
  ];
  await using ingest = await startIngest((index) => answers[index] ?? 204);
  const now = noonToday();
  await countAt(home, now);

  for (let hour = 0; ingest.accepted.length === 0; hour++) {
    expect(hour).toBeLessThan(20);
    // An hour is more than the pause after as many failures as there are here.
    await flushAt(home, now + dayMs + hour * 60 * minuteMs, ingest.consent, 1_500);
  }
  expect(await flushAt(home, now + 3 * dayMs, ingest.consent)).toBe('nothing-to-send');

  expect(ingest.bodies).toHaveLength(answers.length);
  expect(new Set(ingest.bodies).size).toBe(1);
  expect(usageIn(distinctEvents(ingest.accepted))).toEqual({ query: '1/0' });
});

it('an endpoint that refuses gets nothing a second time', async () => {
  using home = openHome();
  await using ingest = await startIngest(() => 400);
  const now = noonToday();
  await countAt(home, now);

  expect(await flushAt(home, now + dayMs, ingest.consent)).toBe('refused');
  expect(await flushAt(home, now + 2 * dayMs, ingest.consent)).toBe('nothing-to-send');
  expect(ingest.bodies).toHaveLength(1);
});

it('flushers that are killed at any moment neither lose nor double a count', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  const rounds = 20;
  const now = noonToday();
  const body = `telemetry.count('cli_command', 'sync', { ok: false });
    telemetry.persist();
    process.stdout.write('counted');
    await telemetry.flush({ timeoutMs: 10_000 });
    process.stdout.write(' flushed');`;
  const env = ingest.consent;

  // A first round that is left alone tells how long one takes.
  const wholeMs = await timeOf(() => startHost(home, body, { env, now }).ended);
  let killed = 0;
  for (let round = 1; round < rounds; round++) {
    // A day of its own each round, so that each has something to seal and to send.
    const roundNow = now + round * dayMs;
    const host = startHost(home, body, { env, now: roundNow });
    const other = runHost(home, count, { env, now: roundNow });
    await host.saw('counted');
    const timer = setTimeout(() => host.child.kill('SIGKILL'), Math.random() * wholeMs);
    const { stdout } = await host.ended;
    clearTimeout(timer);
    if (!stdout.endsWith('flushed')) killed += 1;
    expect((await other).code).toBe(0);
    ageLock(home);
  }
  const end = now + (rounds + 1) * dayMs;
  for (
    let day = 0;
    (await flushAt(home, end + day * dayMs, ingest.consent)) !== 'nothing-to-send';
    day++
  ) {
    expect(day).toBeLessThan(10);
  }

  expect(killed).toBeGreaterThan(rounds / 4);
  expect(usageIn(distinctEvents(ingest.bodies))).toEqual({
    sync: `${rounds}/${rounds}`,
    version: `${rounds - 1}/0`,
  });
  const batches = new Map(ingest.bodies.map((text) => [parseReport(text).batch_id, text]));
  expect(new Set(ingest.bodies).size).toBe(batches.size);
});

/** What time does to the lock of a flusher that was killed. */
function ageLock({ folder }: TestHome): void {
  const path = join(folder, lockFile);
  const old = new Date(Date.now() - 2 * lockStaleMs);
  if (existsSync(path)) utimesSync(path, old, old);
}

async function timeOf(task: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await task();
  return performance.now() - startedAt;
}
