import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { awkwardBytes, cutAnywhere, longText, reply, request } from '../support/mcp/bytes.ts';
import { type Launch, serverOf, useFront } from '../support/mcp/front.ts';
import { hashOf, peakBytes, startMcp, traits } from '../support/mcp/process.ts';
import { temporaryFolder } from '../support/home.ts';

// A server that keeps what it hears and plays what it was given, run bare and tapped.
const { bare, tap } = useFront();

/** Bytes for a server to play, and the file it keeps what it hears in. */
function script(plays: Uint8Array): { played: string; heard: string } {
  const folder = temporaryFolder();
  const [played, heard] = [join(folder, 'played'), join(folder, 'heard')];
  writeFileSync(played, plays);
  return { played, heard };
}

const text = JSON.stringify;

describe('bytes in are bytes out', () => {
  it.each(awkwardBytes)('both ways: %s', async (_, bytes) => {
    const run = async (launch: (server: string) => Launch) => {
      const { played, heard } = script(bytes);
      const server = serverOf(`
        mcp.record(${text(heard)});
        const ended = mcp.inputEnded();
        await mcp.play(${text(played)}, 13);
        await ended;`);
      const process = startMcp(launch(server));
      for (const piece of cutAnywhere(bytes)) await process.write(piece);
      process.child.stdin.end();
      const ending = await process.ended;
      return { ...traits(ending), heard: hashOf(readFileSync(heard)) };
    };
    const expected = { code: 0, signal: null, stderr: '', bytes: bytes.length };
    const hashes = { sha256: hashOf(bytes), heard: hashOf(bytes) };
    expect(await run(bare)).toEqual({ ...expected, ...hashes });
    expect(await run(tap)).toEqual({ ...expected, ...hashes });
  });

  it('a request of 12 MB and a reply of 30 MB', async () => {
    const asked = Buffer.from(`${request(1, longText(12e6))}\n`);
    const answered = Buffer.from(`${reply(1, longText(30e6))}\n`);
    const { played, heard } = script(answered);
    const server = serverOf(`
      mcp.record(${text(heard)});
      await mcp.received(${asked.length});
      await mcp.play(${text(played)}, 1e6);`);
    const process = startMcp(tap(server));
    await process.write(asked);
    await process.printed(answered.length);
    process.child.stdin.end();
    const { code, stdout } = await process.ended;
    expect(code).toBe(0);
    expect(hashOf(stdout)).toBe(hashOf(answered));
    expect(hashOf(readFileSync(heard))).toBe(hashOf(asked));
  });

  it('requests go on while a reply that nobody reads fills the pipe', async () => {
    const flood = Buffer.alloc(8e6, 'x');
    const asked = Buffer.alloc(3e6, 'y');
    const { played, heard } = script(flood);
    const server = serverOf(`
      mcp.record(${text(heard)});
      mcp.received(${asked.length}).then(() => process.stderr.write('heard'));
      mcp.play(${text(played)});
      await mcp.inputEnded();`);
    const process = startMcp(tap(server));
    process.child.stdout.pause();
    await process.write(asked);
    await once(process.child.stderr, 'data');
    process.child.stdout.resume();
    process.child.stdin.end();
    const { stdout } = await process.ended;
    expect(hashOf(stdout)).toBe(hashOf(flood));
    expect(hashOf(readFileSync(heard))).toBe(hashOf(asked));
  });
});

describe('a full pipe stops the other side', () => {
  // What two pipes, two sockets and the streams around them hold at the most.
  const slackBytes = 2e6;

  it('a reader that pauses stops the server, and the tap stays as small as it is', async () => {
    const flood = Buffer.alloc(60e6, 'x');
    const { played, heard } = script(flood);
    // Keeps in a file how far it has come.
    const server = serverOf(`
      import { readFileSync, writeFileSync } from 'node:fs';
      const bytes = readFileSync(${text(played)});
      for (let at = 0; at < bytes.length; at += 65536) {
        await mcp.write(bytes.subarray(at, at + 65536));
        writeFileSync(${text(heard)}, String(at));
      }
      await mcp.inputEnded();`);
    const process = startMcp(tap(server));
    const progress = (): number => Number(readFileSync(heard, 'utf8'));
    await process.printed(10e6);
    process.child.stdout.pause();
    const got = process.output().length;
    const memory = peakBytes(process.child.pid);
    await standstill(progress);
    expect(progress()).toBeLessThan(got + slackBytes);
    expect(peakBytes(process.child.pid) - memory).toBeLessThan(slackBytes);
    process.child.stdout.resume();
    await process.printed(flood.length);
    // Buffers that were handed on, until they are collected.
    expect(peakBytes(process.child.pid) - memory).toBeLessThan(40e6);
    process.child.stdin.end();
    expect(hashOf((await process.ended).stdout)).toBe(hashOf(flood));
  });

  it('a server that reads nothing stops the client', async () => {
    const server = serverOf(`
      mcp.greet();
      const timer = setInterval(() => undefined, 1e6);
      process.once('SIGUSR2', () => {
        let bytes = 0;
        process.stdin.on('data', (chunk) => (bytes += chunk.length));
        process.stdin.once('end', () => {
          process.stdout.write(String(bytes));
          clearInterval(timer);
        });
      });`);
    const process = startMcp(tap(server));
    await process.printed('pid');
    const total = 20e6;
    const piece = Buffer.alloc(65_536, 'y');
    let written = 0;
    const writing = (async () => {
      while (written < total) {
        await process.write(piece);
        written += piece.length;
      }
    })();
    await standstill(() => written);
    expect(written).toBeLessThan(slackBytes);
    process.child.kill('SIGUSR2');
    await writing;
    process.child.stdin.end();
    const { stdout } = await process.ended;
    expect(stdout.toString()).toMatch(new RegExp(`${written}$`));
  });
});

/** Resolves when a number has not changed for a while. */
async function standstill(look: () => number): Promise<void> {
  let last = -1;
  while (look() !== last) {
    last = look();
    await new Promise((resolve) => {
      setTimeout(resolve, 400);
    });
  }
}
