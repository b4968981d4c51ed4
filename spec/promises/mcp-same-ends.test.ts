import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { newHome } from '../support/home.ts';
import { reply, request } from '../support/mcp/bytes.ts';
import { type Launch, serverOf, useFront } from '../support/mcp/front.ts';
import { consentingEnv, type McpProcess } from '../support/mcp/process.ts';
import { answering, playTwice, type Scene } from '../support/mcp/scenes.ts';

// However a session ends, a client sees the same with the tap as without.
const front = useFront();
const { bare, tap } = front;

const text = JSON.stringify;
const one = `${request(1)}\n`;

const endInput = ({ child }: McpProcess): void => {
  child.stdin.end();
};

describe('ends', () => {
  it.each<readonly [name: string, scene: Scene]>([
    ['stdin ends before anything was said', { server: answering, client: endInput }],
    [
      'a pipe that says all at once and ends: replies still come',
      { server: answering, client: ({ child }) => void child.stdin.end(one.repeat(50)) },
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
      {
        server: `await mcp.inputEnded(); process.exit(0);`,
        client: ({ child }) => void child.stdin.end(one),
      },
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
      {
        server: `await mcp.write(${text(reply(1).slice(0, 30))}); process.exit(1);`,
        client: endInput,
      },
    ],
    [
      'words on stderr, as they came',
      {
        server: `process.stderr.write('one\\n\\u00e4 two'); process.exitCode = 3;`,
        client: endInput,
      },
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
    const { alone, tapped } = await playTwice(front, scene);
    expect(tapped.ending).toEqual(alone.ending);
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
