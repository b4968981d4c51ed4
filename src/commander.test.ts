import { describe, expect, it, test } from 'vitest';
import type { FrameCounter } from '../contract/frame.ts';
import { framesIn } from '../spec/support/buffer.ts';
import { choose } from '../spec/support/flushes.ts';
import { fileUrl, type Program, startProgram } from '../spec/support/programs.ts';
import { temporaryPaths } from '../spec/support/home.ts';

/** Starts a command line of several commands with these words, on a machine of its own. */
function start(
  words: readonly string[],
  choice: object = { enabled: true },
  body = `await parse(...${JSON.stringify(words)});`,
): { home: string; program: Program } {
  const paths = temporaryPaths();
  choose(paths, choice);
  const program = startProgram(`
    import { Command } from ${JSON.stringify(fileUrl('node_modules/commander/esm.mjs'))};
    import { openTelemetry } from ${JSON.stringify(fileUrl('src/telemetry.ts'))};
    import { countCommands } from ${JSON.stringify(fileUrl('src/commander.ts'))};
    const program = new Command('codegraph').version('1.6.1').enablePositionalOptions();
    program.command('query [word]').option('--json').action(() => {});
    program.command('daemon').alias('daemons').action(() => {});
    program.command('exit').action(() => process.exit(3));
    program.command('sync').action(() => process.exit(3));
    program.command('index').action(() => { throw new Error('broken'); });
    program.command('init').action(async () => { process.exitCode = 4; });
    program.command('serve').action(async () => {
      console.log('ready');
      await new Promise((resolve) => setInterval(resolve, 60_000));
    });
    const telemetry = program.command('telemetry');
    telemetry.command('status').action(() => {});
    countCommands(program, openTelemetry({ version: '1.6.1', paths: ${JSON.stringify(paths)} }));
    const parse = (...words) => program.parseAsync(words, { from: 'user' });
    ${body}`);
  return { home: paths.dataDir, program };
}

async function counted(
  words: readonly string[],
  choice?: object,
): Promise<readonly FrameCounter[]> {
  const { home, program } = start(words, choice);
  await program.ended;
  return framesIn(home).flatMap((frame) => frame?.counters ?? []);
}

describe('counts nothing for', () => {
  test.each<[what: string, words: readonly string[]]>([
    ['no word', []],
    ['help', ['--help']],
    ['help of a command', ['query', '--help']],
    ['the version', ['--version']],
    ['a word that is no command', ['alice']],
    ['an option that is none', ['query', '--alice']],
  ])('%s', async (_, words) => {
    expect(await counted(words)).toEqual([]);
  });

  it('a command while telemetry is off', async () => {
    expect(await counted(['query'], { enabled: false })).toEqual([]);
  });
});

test.each<[what: string, words: readonly string[], counter: FrameCounter]>([
  ['a command', ['query'], [0, 'query', 1, 0]],
  ['a command without its words', ['query', 'secret', '--json'], [0, 'query', 1, 0]],
  ['an alias as its command', ['daemons'], [0, 'daemon', 1, 0]],
  ['a command of a command as the first', ['telemetry', 'status'], [0, 'telemetry', 1, 0]],
  ['a command of the host’s own', ['exit'], [0, 'other', 1, 1]],
  ['an exit code as an error', ['sync'], [0, 'sync', 1, 1]],
  ['an exit code that is only set', ['init'], [0, 'init', 1, 1]],
  ['an exception as an error', ['index'], [0, 'index', 1, 1]],
])('counts %s', async (_, words, counter) => {
  expect(await counted(words)).toEqual([counter]);
});

it.skipIf(process.platform === 'win32')('counts a signal as an error, and dies of it', async () => {
  const { home, program } = start(['serve']);
  await program.printed('ready');
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  expect(framesIn(home)).toMatchObject([{ counters: [[0, 'serve', 1, 1]] }]);
});

it('changes neither exit code nor output', async () => {
  const { program } = start(['sync'], { enabled: true });
  expect(await program.ended).toEqual({ code: 3, signal: null, stdout: '', stderr: '' });
});

/** What a program counts that runs several lines, and how it ends. */
async function runLines(body: string, choice?: object): Promise<object> {
  const { home, program } = start([], choice, body);
  const { code, stdout, stderr } = await program.ended;
  return { code, stdout, stderr, counters: framesIn(home).flatMap((frame) => frame?.counters) };
}

describe('of a program that runs many lines', () => {
  const lines = `for (let line = 0; line < 12; line++) await parse('query');`;

  it('counts each by its own end, not by that of the process', async () => {
    expect(await runLines(`${lines} process.exitCode = 3;`)).toEqual({
      code: 3,
      stdout: '',
      stderr: '',
      counters: [[0, 'query', 12, 0]],
    });
  });

  it('counts those that throw as errors, and goes on', async () => {
    const failing = `
      const fail = async () => { try { await parse('index'); } catch { await parse('query'); } };
      for (let line = 0; line < 6; line++) await fail();`;
    expect(await runLines(failing)).toMatchObject({
      code: 0,
      stderr: '',
      counters: [
        [0, 'query', 6, 0],
        [0, 'index', 6, 6],
      ],
    });
  });

  it('counts as an error the one that has set an exit code, and not the next', async () => {
    expect(await runLines(`await parse('init'); await parse('query');`)).toMatchObject({
      code: 4,
      counters: [
        [0, 'init', 1, 1],
        [0, 'query', 1, 0],
      ],
    });
  });

  it('counts a command that runs another as it ends itself', async () => {
    const nested = `
      program.command('status').action(async () => { await parse('query'); });
      await parse('status');`;
    expect(await runLines(nested)).toMatchObject({
      counters: [
        [0, 'query', 1, 0],
        [0, 'status', 1, 0],
      ],
    });
  });

  it.each<[what: string, choice: object, expected: string]>([
    ['no listener while off', { enabled: false }, '0,0,0,0,0'],
    ['one listener of each kind while on', { enabled: true }, '1,1,1,1,1'],
  ])('has %s', async (_, choice, expected) => {
    const count = `
      const events = ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM'];
      console.log(events.map((event) => process.listenerCount(event)).join());`;
    expect(await runLines(`${lines} ${count}`, choice)).toMatchObject({
      stdout: `${expected}\n`,
      stderr: '',
    });
  });
});
