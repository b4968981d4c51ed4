import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countsIn, readBuffer } from '../support/buffer.ts';
import { type Program, start } from '../support/programs.ts';
import { settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { copyPackage, writeEngine } from '../support/package-copy.ts';
import { hasTerminal, quote, startInTerminal } from '../support/terminal.ts';

/** The front is as good as the engine: same streams, same signals, same end. */

// Windows has neither signals nor `sh`.
describe.skipIf(process.platform === 'win32')('the front', () => {
  let home: TestHome;
  let front: string;

  beforeAll(() => {
    home = openHome();
    front = copyPackage(home);
  });

  afterAll(() => {
    home[Symbol.dispose]();
  });

  function startWith(engine: string | undefined, args: readonly string[]): Program {
    const env = { CODEGRAPH_TELEMETRY: '1', CODEGRAPH_ENGINE: engine };
    return start(process.execPath, [front, ...args], settings(home, { env }));
  }

  // Counted; not counted, as nobody knows it. What agents speak with is in mcp-same-deaths.test.ts.
  const commands = [['query'], ['no-such-command']];

  it.each([0, 2, 255])('ends with the code %i of the engine', async (code) => {
    const engine = writeEngine(home, `exit ${code}`);

    for (const command of commands) {
      const ended = await startWith(engine, command).ended;
      expect(ended).toEqual({ code, signal: null, stdout: '', stderr: '' });
    }
  });

  // Node itself does not die of the last two.
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL', 'SIGSEGV', 'SIGPIPE', 'SIGUSR1'])(
    'dies of %s when the engine does',
    async (signal) => {
      const engine = writeEngine(home, `ulimit -c 0; kill -s ${signal.slice(3)} $$`);

      for (const command of commands) {
        expect(await startWith(engine, command).ended).toMatchObject({ code: null, signal });
      }
    },
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
    'hands %s on, and leaves it to the engine what to make of it',
    async (signal) => {
      const name = signal.slice(3);
      // The shell runs a trap between two commands, so it must not wait in a long one.
      const script = `trap 'echo got ${name}; exit 7' ${name}; echo ready; while :; do sleep 0.01; done`;
      const running = startWith(writeEngine(home, script), ['query']);
      await running.printed('ready');

      running.child.kill(signal);

      expect(await running.ended).toEqual({
        code: 7,
        signal: null,
        stdout: `ready\ngot ${name}\n`,
        stderr: '',
      });
    },
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
    'dies of %s with an engine that has no handler, and counts the run as an error',
    async (signal) => {
      using own = openHome();
      const engine = writeEngine(home, 'ulimit -c 0; echo ready; exec sleep 60');
      const env = { CODEGRAPH_TELEMETRY: '1', CODEGRAPH_ENGINE: engine };
      const running = start(process.execPath, [front, 'serve'], settings(own, { env }));
      await running.printed('ready');

      running.child.kill(signal);

      expect(await running.ended).toMatchObject({ code: null, signal, stderr: '' });
      expect(countsIn(readBuffer(own).frames)).toEqual({ serve: '1/1' });
    },
  );

  it('leaves Ctrl-C in a terminal to the terminal, which sends it once', async (context) => {
    context.skip(!hasTerminal, 'there is no `script` of util-linux');
    const script = `n=0; left=-1; trap 'n=$((n+1)); left=20' INT; echo ready
      while [ $left -ne 0 ]; do sleep 0.01; left=$((left-1)); done
      echo "got $n"; exit 7`;
    const env = { CODEGRAPH_TELEMETRY: '1', CODEGRAPH_ENGINE: writeEngine(home, script) };
    const line = `exec ${quote(process.execPath)} ${quote(front)} query`;
    const running = startInTerminal(home, line, { env });
    await running.printed('ready');

    running.child.stdin.write('\u0003');

    const { code, stdout } = await running.ended;
    expect(code).toBe(7);
    expect(stdout).toContain('got 1');
  });

  it('gives the engine its own streams', async () => {
    const running = startWith(writeEngine(home, 'cat; echo to stderr >&2'), ['query']);
    const text = 'é\n'.repeat(300_000);

    running.child.stdin.end(text);

    const { stdout, stderr, code } = await running.ended;
    expect({ code, stderr, isWhole: stdout === text }).toEqual({
      code: 0,
      stderr: 'to stderr\n',
      isWhole: true,
    });
  });

  it('gives the engine the arguments as they are, but for --no-telemetry', async () => {
    const engine = writeEngine(home, 'for arg; do echo "[$arg]"; done');
    const args = ['query', '', 'a b', '--no-telemetry', '$HOME', '--', '--no-telemetry', '*'];

    const { stdout } = await startWith(engine, args).ended;

    expect(stdout).toBe('[query]\n[]\n[a b]\n[$HOME]\n[--]\n[--no-telemetry]\n[*]\n');
  });

  it('keeps the own telemetry of the engine silent', async () => {
    const engine = writeEngine(home, 'echo "$CODEGRAPH_TELEMETRY"');

    expect((await startWith(engine, ['query']).ended).stdout).toBe('0\n');
  });

  it('says how to get an engine when there is none', async () => {
    const ended = await startWith(undefined, ['query', 'greet']).ended;

    expect(ended).toMatchObject({ code: 127, signal: null, stdout: '' });
    expect(ended.stderr).toContain('npm install @colbymchenry/codegraph');
  });

  it('says why an engine cannot be started', async () => {
    const notExecutable = writeEngine(home, 'exit 0', 0o644);

    for (const [engine, reason] of [
      [notExecutable, 'EACCES'],
      [`${notExecutable}-missing`, 'ENOENT'],
    ] as const) {
      for (const command of [...commands, ['init'], ['serve', '--mcp']]) {
        const ended = await startWith(engine, command).ended;
        expect(ended).toMatchObject({ code: 127, signal: null, stdout: '' });
        expect(ended.stderr).toContain(reason);
      }
    }
  });
});
