import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { reply, request } from '../testing/mcp-bytes.ts';
import { type Launch, serverOf, useFront } from '../testing/mcp-front.ts';
import {
  consentingEnv,
  countsIn,
  isAlive,
  newHome,
  type McpProcess,
  startMcp,
  traits,
  vanished,
} from '../testing/mcp-process.ts';
import { hasTerminal, quote, startInTerminal } from '../testing/terminal.ts';

// However a session ends, a client sees the same with the tap as without.
const { bare, tap } = useFront();

const text = JSON.stringify;

/** Something that a client does, and what its server is. */
interface Scene {
  readonly server: string;
  readonly client: (process: McpProcess) => Promise<void> | void;
}

async function play(launch: (server: string) => Launch, { server, client }: Scene) {
  const process = startMcp(launch(serverOf(server)));
  await client(process);
  return { process, ending: traits(await process.ended) };
}

/** Plays a scene twice; resolves with how both ended. */
async function compare(scene: Scene) {
  const alone = await play(bare, scene);
  const tapped = await play(tap, scene);
  expect(tapped.ending).toEqual(alone.ending);
  return tapped;
}

const endInput = ({ child }: McpProcess): void => {
  child.stdin.end();
};

const one = `${request(1)}\n`;
const answer = `mcp.answerAll(({ id }) => ({ jsonrpc: '2.0', id, result: {} }));`;

describe('ends', () => {
  it.each<readonly [name: string, scene: Scene]>([
    ['stdin ends before anything was said', { server: answer, client: endInput }],
    [
      'a pipe that says all at once and ends: replies still come',
      { server: answer, client: ({ child }) => void child.stdin.end(one.repeat(50)) },
    ],
    [
      'stdin ends with calls open: late replies still come',
      {
        server: `await mcp.inputEnded(); setTimeout(() => mcp.write(${text(`${reply(1)}\n`)}), 300);`,
        client: ({ child }) => void child.stdin.end(one),
      },
    ],
    [
      'stdin ends with calls open: a server that drops them',
      { server: `await mcp.inputEnded(); process.exit(0);`, client: ({ child }) => void child.stdin.end(one) },
    ],
    [
      'a server that ignores the end of stdin, and goes when it is told',
      {
        server: `mcp.stay(); await mcp.inputEnded(); await mcp.write('still here');`,
        client: async (process) => {
          process.child.stdin.end();
          await process.printed('still here');
          process.child.kill('SIGTERM');
        },
      },
    ],
    [
      'a server that closes its stdout and lives on: the client sees the end at once',
      {
        server: `await mcp.write('last'); mcp.close(1); await mcp.inputEnded(); process.exit(4);`,
        client: async ({ child }) => {
          await once(child.stdout, 'end');
          child.stdin.end();
        },
      },
    ],
    [
      'a server that closes its stdin and lives on: the client’s writes fail',
      {
        server: `mcp.close(0); await mcp.write('deaf'); setTimeout(() => process.exit(5), 1500);`,
        client: async (process) => {
          await process.printed('deaf');
          const failed = once(process.child.stdin, 'error');
          const writing = setInterval(() => process.child.stdin.write(one), 20);
          await failed;
          clearInterval(writing);
        },
      },
    ],
    [
      'a client that closes its reading side: the server learns it',
      {
        server: `
          process.stdout.on('error', ({ code }) => process.exit(code === 'EPIPE' ? 6 : 7));
          setInterval(() => process.stdout.write(${text(one)}), 20);`,
        client: ({ child }) => void child.stdout.destroy(),
      },
    ],
    [
      'half a reply, and then the end',
      { server: `await mcp.write(${text(reply(1).slice(0, 30))}); process.exit(1);`, client: endInput },
    ],
    [
      'words on stderr, as they came',
      { server: `process.stderr.write('one\\n\\u00e4 two'); process.exitCode = 3;`, client: endInput },
    ],
    [
      'much on stdout and a slow client: nothing is lost',
      {
        server: `await mcp.write(Buffer.alloc(3e6, 'z')); process.exit(2);`,
        client: ({ child }) => {
          child.stdout.on('data', () => {
            child.stdout.pause();
            setTimeout(() => child.stdout.resume(), 30);
          });
        },
      },
    ],
  ])('%s', async (_, scene) => {
    await compare(scene);
  });
});

describe('deaths', () => {
  it.each([0, 1, 3, 127, 130, 255])('exit code %i', async (code) => {
    const { ending } = await compare({ server: `process.exit(${code});`, client: () => undefined });
    expect(ending.code).toBe(code);
  });

  // Those that end a process unless it wants otherwise.
  const deadly = (Object.keys(constants.signals) as NodeJS.Signals[]).filter(
    (signal) =>
      !['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGWINCH'].includes(signal) &&
      !['SIGINFO', 'SIGIOT', 'SIGPOLL', 'SIGUNUSED'].includes(signal),
  );

  it.each(deadly)('a server that dies of %s', async (signal) => {
    const scene = { server: `mcp.dieOf(${text(signal)});`, client: () => undefined };
    const { ending } = await compare(scene);
    expect(ending.signal).toBe(signal);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const)(
    '%s to a server that has no handler for it',
    async (signal) => {
      const { ending } = await compare({
        server: `mcp.stay(); await mcp.write('up');`,
        client: async (process) => {
          await process.printed('up');
          process.child.kill(signal);
        },
      });
      expect(ending.signal).toBe(signal);
    },
  );

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const)(
    '%s to a server that says goodbye',
    async (signal) => {
      const { ending } = await compare({
        server: `
          mcp.stay();
          process.on(${text(signal)}, () => mcp.write('bye').then(() => process.exit(9)));
          await mcp.write('up');`,
        client: async (process) => {
          await process.printed('up');
          process.child.kill(signal);
        },
      });
      expect(ending.code).toBe(9);
    },
  );

  it('a server that ignores SIGTERM goes on, and is killed', async () => {
    const { process } = await compare({
      server: `
        process.on('SIGTERM', () => mcp.write('no'));
        process.on('SIGUSR2', () => process.exit(8));
        mcp.stay();
        await mcp.write('up');`,
      client: async (running) => {
        await running.printed('up');
        running.child.kill('SIGTERM');
        await running.printed('no');
        running.child.kill('SIGUSR2');
      },
    });
    expect((await process.ended).code).toBe(8);
  });

  it('a crash in the middle of a call keeps what was counted before', async () => {
    const { process } = await compare({
      server: `
        let calls = 0;
        mcp.answerAll(({ id }) => {
          calls += 1;
          if (calls === 3) mcp.dieOf('SIGABRT');
          if (calls === 3) return undefined;
          return { jsonrpc: '2.0', id, result: {} };
        });`,
      client: async (running) => {
        await running.write(`${request(1)}\n`);
        await running.printed('"id":1');
        await running.write(`${request(2)}\n`);
        await running.printed('"id":2');
        await running.write(`${request(3)}\n`);
      },
    });
    expect(countsIn(process.home)).toEqual([
      ['cli_command serve', 1, 0],
      ['mcp_tool codegraph_explore', 2, 0],
    ]);
  });

  it('SIGINT from a client, with a terminal at stderr: the server gets it', async (context) => {
    context.skip(!hasTerminal, 'there is no `script` of util-linux');
    const home = newHome();
    const file = join(home.project, 'pid');
    const server = serverOf(`
      import { writeFileSync, writeSync } from 'node:fs';
      process.on('SIGINT', () => process.exit(9));
      mcp.stay();
      writeFileSync(${text(file)}, String(process.ppid));
      writeSync(2, 'ready');`);
    const { command, args, env } = tap(server);
    const [input, output] = [join(home.project, 'in'), join(home.project, 'out')];
    // A pipe that nobody writes to.
    const line = `mkfifo ${input}; exec ${[command, ...args].map(quote).join(' ')} <> ${input} > ${output}`;
    const running = startInTerminal(home, line, { env: { ...consentingEnv(home), ...env } });
    await running.saw('ready');
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGINT');
    expect((await running.ended).code).toBe(9);
  });

  it('the server is told who asked for it: not the tap', async () => {
    const running = startMcp(
      tap(serverOf(`await mcp.write(String(process.env.CODEGRAPH_HOST_PPID));`)),
    );
    expect((await running.ended).stdout.toString()).toBe(String(process.pid));
  });

  it('SIGKILL of the tap leaves no server behind', async () => {
    const process = startMcp(tap(serverOf(`mcp.greet(); ${answer}`)));
    await process.printed('pid');
    const [, pid] = /"pid":(\d+)/.exec(process.output().toString()) ?? [];
    expect(isAlive(Number(pid))).toBe(true);
    process.child.kill('SIGKILL');
    await vanished(Number(pid));
    expect((await process.ended).signal).toBe('SIGKILL');
  });

  it('a grandchild that holds the pipe keeps the tap for a third of a second', async () => {
    const process = startMcp(
      tap(serverOf(`mcp.leaveGrandchild(5000); await mcp.write('last words'); process.exit(3);`)),
    );
    const startedAt = performance.now();
    const [code]: unknown[] = await once(process.child, 'exit');
    expect(code).toBe(3);
    expect(process.output().toString()).toBe('last words');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('a client that asked for the end and reads no more does not keep the tap', async () => {
    const process = startMcp(
      tap(serverOf(`mcp.stay(); await mcp.write(Buffer.alloc(9e6, 'z'));`)),
    );
    await process.printed(1);
    process.child.stdout.pause();
    process.child.kill('SIGTERM');
    expect(await once(process.child, 'exit')).toEqual([null, 'SIGTERM']);
  });

  it('a server that cannot be started is 127, with one line on stderr', async () => {
    const process = startMcp(tap('/nonexistent/server'));
    const { code, stdout, stderr } = await process.ended;
    expect(code).toBe(127);
    expect(stdout.length).toBe(0);
    expect(stderr).toMatch(/^codegraph: .*cannot be started.*\n$/);
  });
});

describe('streams of every kind', () => {
  // Answers what it hears, then says that it heard the end.
  const server = `
    process.stdout.on('error', ({ code }) => {
      process.stderr.write(code);
      process.exit(2);
    });
    process.stdin.on('error', ({ code }) => {
      process.stderr.write(code);
      process.exit(3);
    });
    let bytes = 0;
    process.stdin.on('data', (chunk) => (bytes += chunk.length));
    process.stdin.on('end', () => mcp.write(\`heard \${bytes}\\n\`));`;

  it.each([
    ['a file in', '"$@" < in', 'heard 200000\n'],
    ['nothing in', '"$@" < /dev/null', 'heard 0\n'],
    ['stdin closed', '"$@" <&-', 'heard 0\n'],
    ['a file in, a file out', '"$@" < in > out', 'heard 200000\n'],
    ['a file in, more for a file', '"$@" < in >> out', 'before\nheard 200000\n'],
    ['a file in, nothing out', '"$@" < in > /dev/null', ''],
    ['a file in, stdout closed', '"$@" < in >&-', ''],
    ['all three closed', '"$@" <&- >&- 2>&-', ''],
    ['one pipe for stdout and stderr', '"$@" < in 2>&1', 'heard 200000\n'],
    ['pipes of a shell', 'cat in | "$@" | cat', 'heard 200000\n'],
    ['a reader that goes after a line', 'cat in | "$@" | head -n 1', 'heard 200000\n'],
  ])('%s', async (_, script, expected) => {
    const run = async (launch: (server: string) => Launch) => {
      const home = newHome();
      const [input, output] = [join(home.project, 'in'), join(home.project, 'out')];
      writeFileSync(input, Buffer.alloc(200_000, 'x'));
      if (script.includes('>>')) writeFileSync(output, 'before\n');
      const { command, args, env } = launch(serverOf(server));
      const shell = ['-c', `${script}; echo $? >&3`, 'sh', command, ...args];
      const child = spawn('/bin/sh', shell, {
        cwd: home.project,
        env: { ...consentingEnv(home), ...env },
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      });
      const texts = child.stdio.slice(1).map((stream) => textOf(stream as Readable));
      const [stdout, stderr, status] = await Promise.all(texts);
      const out = existsSync(output) ? readFileSync(output, 'utf8') : '';
      return { stdout, stderr, status, out };
    };
    const alone = await run(bare);
    expect(alone.stdout + alone.out).toBe(expected);
    expect(await run(tap)).toEqual(alone);
  });

  it('a full disk behind stdout: the server learns it', async () => {
    const home = newHome();
    const endless = `
      process.stdout.on('error', () => process.exit(6));
      setInterval(() => process.stdout.write('x'.repeat(1000)), 5);`;
    const { command, args, env } = tap(serverOf(endless));
    const shell = ['-c', '"$@" > /dev/full', 'sh', command, ...args];
    const child = spawn('/bin/sh', shell, { env: { ...consentingEnv(home), ...env } });
    const [stderr] = await Promise.all([textOf(child.stderr), once(child, 'exit')]);
    expect(stderr).toBe('');
    expect(child.exitCode).toBe(6);
  });
});
