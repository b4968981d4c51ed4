import { describe, expect, it, test } from 'vitest';
import { spawnSync } from 'node:child_process';
import { sendable } from './exit-hooks.ts';
import {
  fileUrl,
  type Program,
  type ModuleOptions,
  startProgram,
} from '../../spec/support/programs.ts';

const canUnshare =
  process.platform === 'linux' && spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;

const prelude = `
    import { writeSync } from 'node:fs';
    import { createRequire } from 'node:module';
    import { hookExit } from ${JSON.stringify(fileUrl('src/counting/exit-hooks.ts'))};
    const say = (text) => writeSync(1, text + '\\n');
    const wait = () => { setInterval(() => {}, 60_000); say('ready'); };
    const hook = () =>
      hookExit({ onEnd: (code) => say('end ' + code), onSignal: () => say('signal') });`;

/** Starts a program whose hook says how it ends. It runs `code`, and prints `ready` to wait. */
function start(code: string, options?: ModuleOptions): Program {
  return startProgram(`${prelude} const unhook = hook(); ${code}`, options);
}

/** How a program ends that gets these signals, each when it has said that it is ready. */
async function endAfter(code: string, ...signals: readonly NodeJS.Signals[]): Promise<object> {
  const program = start(code);
  for (const [index, signal] of signals.entries()) {
    await program.printed('ready\n', index + 1);
    program.child.kill(signal);
  }
  const { code: exitCode, signal, stdout } = await program.ended;
  return { code: exitCode, signal, said: stdout.replaceAll('ready\n', '').trim().split('\n') };
}

test.each<[what: string, code: string, expected: object]>([
  ['returns', '', { code: 0, signal: null, said: ['end 0'] }],
  ['calls process.exit', 'process.exit(3)', { code: 3, signal: null, said: ['end 3'] }],
  ['sets an exit code', 'process.exitCode = 4', { code: 4, signal: null, said: ['end 4'] }],
  ['throws', 'throw new Error()', { code: 1, signal: null, said: ['end 1'] }],
  ['rejects', 'await Promise.reject(new Error())', { code: 1, signal: null, said: ['end 1'] }],
  ['has taken the hook away', 'unhook()', { code: 0, signal: null, said: [''] }],
  [
    'has two hooks, the younger first',
    `hookExit({ onEnd: () => say('two') })`,
    { code: 0, signal: null, said: ['two', 'end 0'] },
  ],
])('tells a program’s end when it %s', async (_, code, expected) => {
  expect(await endAfter(code)).toEqual(expected);
});

describe.skipIf(process.platform === 'win32')('at a signal', () => {
  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGHUP'])(
    '%s that kills a program, tells its end and lets it die of it',
    async (signal) => {
      expect(await endAfter('wait()', signal)).toEqual({
        code: null,
        signal,
        said: ['end undefined'],
      });
    },
  );

  test.each<[what: string, code: string, expected: object]>([
    [
      'has two hooks',
      `hookExit({ onEnd: () => say('two') }); wait()`,
      { signal: 'SIGTERM', said: ['two', 'end undefined'] },
    ],
    [
      'hooks once more at its end, as a first count does',
      `hookExit({ onEnd: () => hookExit({ onEnd: () => say('three') }) }); wait()`,
      { signal: 'SIGTERM', said: ['end undefined', 'three'] },
    ],
    ['has taken the hook away', 'unhook(); wait()', { signal: 'SIGTERM', said: [''] }],
    [
      'has a handler of its own, which ends it',
      `process.on('SIGTERM', () => process.exit(5)); wait()`,
      { code: 5, said: ['signal', 'end 5'] },
    ],
    [
      'has hooked again, after a handler of its own let it live',
      `process.once('SIGTERM', () => { hook(); process.kill(process.pid, 'SIGTERM') }); wait()`,
      { signal: 'SIGTERM', said: ['signal', 'end undefined', 'end undefined'] },
    ],
    [
      'has a handler of its own before ours, which goes by itself',
      `process.prependOnceListener('SIGTERM', () => process.exit(7)); wait()`,
      { code: 7, said: ['signal', 'end 7'] },
    ],
    [
      'has taken all handlers away and hooks again',
      `process.removeAllListeners('SIGTERM'); hookExit({ onEnd: () => say('two') }); wait()`,
      { signal: 'SIGTERM', said: ['two', 'end undefined'] },
    ],
  ])('a program that %s', async (_, code, expected) => {
    expect(await endAfter(code, 'SIGTERM')).toMatchObject(expected);
  });

  it('that has come when the last hook goes, the program dies of it', async () => {
    // Node has yet to tell of it.
    const code = `process.kill(process.pid, 'SIGTERM'); unhook(); wait()`;
    expect(await endAfter(code)).toMatchObject({ signal: 'SIGTERM', said: [''] });
  });

  it('that comes after a hook has come and gone again at once, the program dies of it', async () => {
    const code = `
      unhook();
      setImmediate(() => {
        hook()();
        process.kill(process.pid, 'SIGTERM');
        wait();
      });`;
    expect(await endAfter(code)).toMatchObject({ signal: 'SIGTERM', said: [''] });
  });

  it('a program with a handler for the first one dies of the second', async () => {
    const code = `process.once('SIGTERM', () => { say('stay'); say('ready') }); wait()`;
    expect(await endAfter(code, 'SIGTERM', 'SIGTERM')).toMatchObject({
      signal: 'SIGTERM',
      said: ['signal', 'stay'],
    });
  });

  it('a program whose handler keeps it alive is left alone', async () => {
    const code = `
      let left = 2;
      process.on('SIGTERM', () => { say('stay'); if (--left === 0) process.exit(6); say('ready') });
      wait()`;
    expect(await endAfter(code, 'SIGTERM', 'SIGTERM')).toEqual({
      code: 6,
      signal: null,
      said: ['signal', 'stay', 'stay', 'end 6'],
    });
  });

  it('that the program only emits, it does not die', async () => {
    const code = `process.emit('SIGTERM'); say('alive'); process.exitCode = 3`;
    expect(await endAfter(code)).toEqual({
      code: 3,
      signal: null,
      said: ['signal', 'alive', 'end 3'],
    });
  });

  it('that cannot be caught, it says nothing', async () => {
    expect(await endAfter('wait()', 'SIGKILL')).toEqual({
      code: null,
      signal: 'SIGKILL',
      said: [''],
    });
  });

  it.each<[what: string, listen: string]>([
    ['', ''],
    [', though it listens to beforeExit once', `process.once('beforeExit', () => say('once'));`],
  ])('that a program sends itself as its last act, it dies of that%s', async (_, listen) => {
    const code = `${listen} process.kill(process.pid, 'SIGTERM')`;
    expect(await endAfter(code)).toEqual({
      code: null,
      signal: 'SIGTERM',
      said: [...(listen === '' ? [] : ['once']), 'end undefined'],
    });
  });

  it.runIf(canUnshare)(
    'as the first process of a container, which it survives, it hooks again',
    async () => {
      const program = start(
        `const timer = setInterval(() => {}, 60_000);
       process.on('SIGUSR2', () => { hook(); say('ready'); process.exitCode = 3; clearInterval(timer); });
       say('ready');
       process.kill(process.pid, 'SIGTERM');
       setTimeout(() => process.kill(process.pid, 'SIGUSR2'), 10);`,
        { shell: 'exec unshare --pid --fork --kill-child "$@"' },
      );
      expect(await program.ended).toMatchObject({
        code: 3,
        stdout: 'ready\nend undefined\nready\nend 3\n',
      });
    },
  );
});

/**
 * Libraries that take signals, as they are published or as many programs have it. Each host must end
 * as it does without a hook of ours, before and behind theirs.
 */
const signalExit3 = load('signal-exit-3') + `(() => say('theirs'));`;
const signalExit4 = load('signal-exit-4') + `.onExit(() => say('theirs'));`;
const lockfile = load('proper-lockfile') + ';';

function load(name: string): string {
  return `createRequire(${JSON.stringify(fileUrl('package.json'))})(${JSON.stringify(name)})`;
}

describe.skipIf(process.platform === 'win32')('beside', () => {
  describe.each<[what: string, signal: NodeJS.Signals, theirs: string]>([
    ['signal-exit 3', 'SIGINT', signalExit3],
    ['signal-exit 4', 'SIGTERM', signalExit4],
    ['signal-exit 3 and 4', 'SIGHUP', signalExit3 + signalExit4],
    ['signal-exit 4 and 3', 'SIGINT', signalExit4 + signalExit3],
    ['a locked file', 'SIGTERM', lockfile],
    [
      'a handler that passes the signal on if it is alone',
      'SIGHUP',
      `process.on(signal, function pass() {
         if (process.listenerCount(signal) > 1) return;
         process.removeListener(signal, pass);
         process.kill(process.pid, signal);
       });`,
    ],
    [
      'the same, put before all others',
      'SIGINT',
      `process.prependListener(signal, function pass() {
         if (process.listenerCount(signal) > 1) return;
         process.removeListener(signal, pass);
         process.kill(process.pid, signal);
       });`,
    ],
    [
      'a handler that goes by itself and passes the signal on',
      'SIGTERM',
      `process.once(signal, () => process.kill(process.pid, signal));`,
    ],
    [
      'a handler that passes the signal on after a while',
      'SIGHUP',
      `process.once(signal, () => setTimeout(() => process.kill(process.pid, signal), 1));`,
    ],
    [
      'signal-exit and a handler that ends the process',
      'SIGINT',
      `${signalExit3} process.on(signal, () => setTimeout(() => process.exit(9), 1));`,
    ],
    [
      'ten handlers, the last of which ends the process',
      'SIGTERM',
      `for (let i = 0; i < 9; i++) process.on(signal, () => {});
       process.on(signal, () => process.exit(9));`,
    ],
  ])('%s, a program', (_, signal, theirs) => {
    const hooking = `hook();`;
    const tell = `process.on('exit', (code) => say('exit ' + code));`;

    async function endOf(first: string, second: string): Promise<object> {
      const program = startProgram(
        `${prelude} const signal = '${signal}'; ${tell} ${first} ${second} wait();`,
      );
      await program.printed('ready\n');
      program.child.kill(signal);
      const { stdout, ...end } = await program.ended;
      return { ...end, said: stdout.split('\n').filter((line) => !/^(?:end|signal)/.test(line)) };
    }

    it('ends by a signal as without us', async () => {
      const [alone, before, behind] = await Promise.all([
        endOf('', theirs),
        endOf(hooking, theirs),
        endOf(theirs, hooking),
      ]);
      expect(alone).toMatchObject({ stderr: '' });
      expect(before).toEqual(alone);
      expect(behind).toEqual(alone);
    });
  });

  test.each([
    ['signal-exit 3', signalExit3],
    ['signal-exit 4', signalExit4],
  ])('%s, a hook is told that the signal ends the process', async (_, theirs) => {
    expect(await endAfter(`${theirs} wait()`, 'SIGINT')).toMatchObject({
      signal: 'SIGINT',
      said: ['end undefined', 'theirs'],
    });
  });
});

it('has one listener of each kind, however many hooks, and none afterwards', async () => {
  const code = `
    const count = () => ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name));
    say(process.getMaxListeners() + ' ' + count());
    const hooks = Array.from({ length: 30 }, hook);
    say(process.getMaxListeners() + ' ' + count());
    for (const free of [unhook, ...hooks]) free();
    for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
    say(process.getMaxListeners() + ' ' + count());`;
  expect(await endAfter(code)).toMatchObject({
    said: ['11 1,1,1,1,1', '11 1,1,1,1,1', '10 0,0,0,0,0'],
  });
});

it.each<[platform: NodeJS.Platform, signal: NodeJS.Signals, sent: NodeJS.Signals]>([
  ['win32', 'SIGHUP', 'SIGINT'],
  ['win32', 'SIGINT', 'SIGINT'],
  ['darwin', 'SIGHUP', 'SIGHUP'],
  ['linux', 'SIGTERM', 'SIGTERM'],
])('on %s, %s is sent on as %s', (platform, signal, sent) => {
  expect(sendable(signal, platform)).toBe(sent);
});
