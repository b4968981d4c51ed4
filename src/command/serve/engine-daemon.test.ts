import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { openHome, type TestHome, writeChoice } from '../../../spec/support/home.ts';
import { findCountedProjects, watchForDaemon } from './engine-daemon.ts';

const daemons: ChildProcess[] = [];

afterEach(async () => {
  for (const daemon of daemons.splice(0)) await end(daemon);
});

async function end(daemon: ChildProcess): Promise<void> {
  const gone = once(daemon, 'exit');
  if (daemon.kill('SIGKILL')) await gone;
}

function newHome(): TestHome {
  const home = openHome();
  onTestFinished(() => {
    home[Symbol.dispose]();
  });
  return home;
}

/** A process with this environment, and its record in the engine's registry. */
async function startDaemon(home: TestHome, env: Readonly<Record<string, string>>, version: string) {
  const daemon = spawn(process.execPath, ['-e', 'console.log(); setInterval(() => {}, 1e6)'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  daemons.push(daemon);
  // From then on its environment is its own.
  await once(daemon.stdout, 'data');
  const registry = join(home.folder, 'daemons');
  mkdirSync(registry, { recursive: true });
  const root = realpathSync(home.project);
  writeFileSync(join(registry, 'one.json'), JSON.stringify({ root, pid: daemon.pid, version }));
  writeFileSync(join(registry, 'half.json'), '{ "root": ');
  return daemon;
}

const internal = { CODEGRAPH_DAEMON_INTERNAL: '1' };

describe.runIf(process.platform === 'linux')('a daemon of the engine', () => {
  it.each<[name: string, env: Record<string, string>, choice: string | undefined, counts: boolean]>(
    [
      ['started with nothing said', internal, undefined, true],
      ['and a stored yes', internal, '{ "enabled": true }', true],
      ['and a stored no', internal, '{ "enabled": false }', false],
      ['told to count', { ...internal, CODEGRAPH_TELEMETRY: '1' }, '{ "enabled": false }', true],
      ['told not to count', { ...internal, CODEGRAPH_TELEMETRY: '0' }, undefined, false],
      ['told not to track', { ...internal, DO_NOT_TRACK: '1' }, undefined, false],
      ['that is none: its id is another process’s by now', {}, undefined, false],
    ],
  )('%s', async (_, env, choice, counts) => {
    const home = newHome();
    if (choice !== undefined) writeChoice(home, choice);
    const daemon = await startDaemon(home, env, '1.6.1');
    const isCountedElsewhere = watchForDaemon(home.project, home.folder, '1.6.1');
    expect(isCountedElsewhere()).toBe(counts);
    expect(findCountedProjects(home.folder)).toEqual(counts ? [realpathSync(home.project)] : []);
    await end(daemon);
    expect(isCountedElsewhere()).toBe(false);
    expect(findCountedProjects(home.folder)).toEqual([]);
  });

  it('of another version serves no session of ours', async () => {
    const home = newHome();
    await startDaemon(home, internal, '1.5.0');
    expect(watchForDaemon(home.project, home.folder, '1.6.1')()).toBe(false);
    expect(findCountedProjects(home.folder)).toHaveLength(1);
  });

  it('of another project serves no session of ours', async () => {
    const home = newHome();
    await startDaemon(home, internal, '1.6.1');
    expect(watchForDaemon(home.home, home.folder, '1.6.1')()).toBe(false);
  });
});

it('nowhere: there is none', () => {
  const home = newHome();
  expect(watchForDaemon(join(home.project, 'gone'), home.folder, '1.6.1')()).toBe(false);
  expect(findCountedProjects(home.folder)).toEqual([]);
});
