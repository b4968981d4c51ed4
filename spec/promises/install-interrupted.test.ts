import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listFiles, openHome, type TestHome } from '../support/home.ts';
import { startIngest } from '../support/ingest.ts';
import { answers, haveCursor, readStored, typeToToggle } from '../support/install-steps.ts';
import { copyPackage, writeEngine } from '../support/package-copy.ts';
import { keys, openScreen } from '../support/screen.ts';

/** Ctrl-C finds either nothing or all of it: an install does not stop between two files. */

// Writes one file, waits until it is let go on, and writes the other.
const slowEngine = `
echo one > "$HOME/one"
echo WRITING
while [ ! -e "$HOME/go-on" ]; do sleep 0.05; done
echo two > "$HOME/two"
echo WRITTEN`;

function letGoOn({ home }: TestHome): void {
  writeFileSync(join(home, 'go-on'), '');
}

it('while the engine writes, Ctrl-C waits until all is written; and sends nothing', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  haveCursor(home);
  const env = { ...ingest.place, CODEGRAPH_ENGINE: writeEngine(home, slowEngine) };
  using screen = openScreen(home, ['install'], { env, command: copyPackage(home) });

  await typeToToggle(screen);
  screen.type(...answers.yes);
  await screen.asks('Go ahead?');
  screen.type(keys.enter);
  await screen.shows('WRITING');
  screen.type(keys.ctrlC);
  await screen.shows('^C');
  letGoOn(home);

  expect((await screen.ended).code).toBe(0);
  expect(screen.text()).toContain('WRITTEN');
  expect(screen.text()).toContain('It was too late to stop');
  expect(listFiles(home.home)).toContain('two');
  expect(readStored(home)).toMatchObject({ enabled: true });
  expect(ingest.connections).toBe(0);
});

it('whoever insists is obeyed', async () => {
  using home = openHome();
  haveCursor(home);
  const env = { CODEGRAPH_ENGINE: writeEngine(home, slowEngine) };
  using screen = openScreen(home, ['install', '--telemetry', 'off'], {
    env,
    command: copyPackage(home),
  });

  await screen.asks('Which agents');
  screen.type(keys.enter);
  await screen.asks('For which projects?');
  screen.type(keys.enter);
  await screen.asks('Go ahead?');
  screen.type(keys.enter);
  await screen.shows('WRITING');
  screen.type(keys.ctrlC);
  await screen.shows('^C');
  screen.type(keys.ctrlC);

  const { signal } = await screen.ended;
  expect(signal).toBe(2);
  expect(listFiles(home.home)).not.toContain('two');
});

it('while the engine removes, it is the same', async () => {
  using home = openHome();
  const env = { CODEGRAPH_ENGINE: writeEngine(home, slowEngine), DO_NOT_TRACK: '1' };
  using screen = openScreen(home, ['uninstall', '-t', 'cursor', '-l', 'local'], {
    env,
    command: copyPackage(home),
  });

  await screen.asks('Go ahead?');
  screen.type(keys.enter);
  await screen.shows('WRITING');
  screen.type(keys.ctrlC);
  await screen.shows('^C');
  letGoOn(home);

  expect((await screen.ended).code).toBe(0);
  expect(listFiles(home.home)).toContain('two');
});
