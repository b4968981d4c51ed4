import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newHome } from '../support/home.ts';
import { request } from '../support/mcp/bytes.ts';
import { serverOf, useFront } from '../support/mcp/front.ts';
import { consentingEnv, countsIn, isAlive, startMcp, vanished } from '../support/mcp/process.ts';
import { answering, type Played, playTwice, type Scene } from '../support/mcp/scenes.ts';
import { hasTerminal, quote, startInTerminal } from '../support/terminal.ts';

// Whatever kills a server, or the tap itself, a client sees the same with the tap as without.
const front = useFront();
const { tap } = front;

const text = JSON.stringify;

async function playSame(scene: Scene): Promise<Played> {
  const { alone, tapped } = await playTwice(front, scene);
  expect(tapped.ending).toEqual(alone.ending);
  return tapped;
}

describe('deaths', () => {
  it.each([0, 3, 255])('exit code %i', async (code) => {
    const { ending } = await playSame({
      server: `process.exit(${code});`,
      client: () => undefined,
    });
    expect(ending.code).toBe(code);
  });

  // Those that end a process unless it wants otherwise.
  const deadly = (Object.keys(constants.signals) as NodeJS.Signals[]).filter(
    (signal) =>
      ![
        'SIGCHLD',
        'SIGCONT',
        'SIGSTOP',
        'SIGTSTP',
        'SIGTTIN',
        'SIGTTOU',
        'SIGURG',
        'SIGWINCH',
      ].includes(signal) && !['SIGINFO', 'SIGIOT', 'SIGPOLL', 'SIGUNUSED'].includes(signal),
  );

  it.each(deadly)('a server that dies of %s', async (signal) => {
    const scene = { server: `mcp.dieOf(${text(signal)});`, client: () => undefined };
    const { ending } = await playSame(scene);
    expect(ending.signal).toBe(signal);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const)(
    '%s to a server that has no handler for it',
    async (signal) => {
      const { ending } = await playSame({
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
      const { ending } = await playSame({
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
    const { process } = await playSame({
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
    const { process } = await playSame({
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
    await running.printed('ready');
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
    const process = startMcp(tap(serverOf(`mcp.greet(); ${answering}`)));
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
    const process = startMcp(tap(serverOf(`mcp.stay(); await mcp.write(Buffer.alloc(9e6, 'z'));`)));
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
