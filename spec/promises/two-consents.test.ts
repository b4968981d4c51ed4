import { describe, expect, it } from 'vitest';
import { runFront, settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { startIngest } from '../support/ingest.ts';
import { engine } from '../support/paths.ts';
import { run } from '../support/programs.ts';

/** A yes to this package is not a yes to the engine; a word to the engine counts in both. */

type Word = readonly [who: 'we' | 'engine', word: 'on' | 'off' | 'local'];

const words: readonly Word[] = [
  ['we', 'on'],
  ['we', 'local'],
  ['we', 'off'],
  ['engine', 'on'],
  ['engine', 'off'],
];
const orders = words.flatMap((first) => words.map((second) => ({ first, second })));

/** The engine as a user runs it without us: nothing silences its own telemetry. */
async function runAlone(home: TestHome, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { env: own, cwd } = settings(home, { env: { CODEGRAPH_NO_UPDATE_CHECK: '1', ...env } });
  return await run(engine, args, { env: own, cwd });
}

async function say(home: TestHome, [who, word]: Word): Promise<void> {
  const args = ['telemetry', word];
  const { code } = who === 'we' ? await runFront(home, args) : await runAlone(home, args);
  expect(code).toBe(0);
}

describe.concurrent('the last word holds:', () => {
  it.each(orders)('$first, then $second', async ({ first, second }) => {
    using home = openHome();
    await say(home, first);
    await say(home, second);
    const ours = await runFront(home, ['telemetry', 'status', '--json']);
    expect(JSON.parse(ours.stdout)).toMatchObject({ mode: second[1], decidedBy: 'stored' });
    const { stdout } = await runAlone(home, ['telemetry', 'status']);
    const isEngineOn = second[0] === 'engine' && second[1] === 'on';
    expect(stdout).toContain(`Telemetry: ${isEngineOn ? 'enabled' : 'disabled'}`);
  });
});

it('our `on` leaves the engine silent, and its `on` does not', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  await say(home, ['we', 'on']);
  expect((await runAlone(home, ['init'], ingest.place)).code).toBe(0);
  expect(ingest.connections).toBe(0);
  await say(home, ['engine', 'on']);
  expect((await runAlone(home, ['index'], ingest.place)).code).toBe(0);
  expect(ingest.connections).toBeGreaterThan(0);
});
