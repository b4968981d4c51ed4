import { describe, expect, it, test } from 'vitest';
import { fileUrl, type Program, startProgram } from '../../spec/support/programs.ts';

/** Starts a program whose hook says how it ends. It runs `code`, and prints `ready` to wait. */
function start(code: string): Program {
  return startProgram(`
    import { writeSync } from 'node:fs';
    import { hookExit } from ${JSON.stringify(fileUrl('src/counting/exit-hooks.ts'))};
    const say = (text) => writeSync(1, text + '\\n');
    const wait = () => { setInterval(() => {}, 60_000); say('ready'); };
    const unhook = hookExit((code) => say('end ' + code));
    ${code}`);
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
    `hookExit(() => say('two'))`,
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
      `hookExit(() => say('two')); wait()`,
      { signal: 'SIGTERM', said: ['end undefined', 'two'] },
    ],
    [
      'hooks once more at its end, as a first count does',
      `hookExit(() => hookExit(() => say('three'))); wait()`,
      { signal: 'SIGTERM', said: ['end undefined', 'three'] },
    ],
    ['has taken the hook away', 'unhook(); wait()', { signal: 'SIGTERM', said: [''] }],
    [
      'has a handler of its own, which ends it',
      `process.on('SIGTERM', () => process.exit(5)); wait()`,
      { code: 5, said: ['end 5'] },
    ],
  ])('a program that %s', async (_, code, expected) => {
    expect(await endAfter(code, 'SIGTERM')).toMatchObject(expected);
  });

  it('a program with a handler for the first one dies of the second', async () => {
    const code = `process.once('SIGTERM', () => { say('stay'); say('ready') }); wait()`;
    expect(await endAfter(code, 'SIGTERM', 'SIGTERM')).toMatchObject({
      signal: 'SIGTERM',
      said: ['stay', 'end undefined'],
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
      said: ['stay', 'stay', 'end 6'],
    });
  });

  it('that cannot be caught, it says nothing', async () => {
    expect(await endAfter('wait()', 'SIGKILL')).toEqual({
      code: null,
      signal: 'SIGKILL',
      said: [''],
    });
  });

  it('that a program sends itself as its last act, it dies of that', async () => {
    expect(await endAfter(`process.kill(process.pid, 'SIGTERM')`)).toEqual({
      code: null,
      signal: 'SIGTERM',
      said: ['end undefined'],
    });
  });
});
