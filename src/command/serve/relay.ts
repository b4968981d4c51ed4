import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { McpTap } from '../../counting/mcp-tap.ts';

// A grandchild can hold the pipe after the server is gone. What is in the pipe by then arrives
// within this time.
const drainMs = 300;

/**
 * Joins this process's stdin and stdout to the server's, byte for byte: a chunk is handed on
 * first and looked at afterwards. Each end of a stream and each stop for a full pipe is passed on.
 * Resolves when the server has ended and its last byte is on stdout.
 */
export async function relay(
  server: ChildProcess & { readonly stdin: Writable; readonly stdout: Readable },
  ended: Promise<unknown>,
  tap: McpTap,
): Promise<void> {
  join(process.stdin, server.stdin, (chunk) => {
    tap.noteIncoming(chunk);
  });
  // The end of stdin ends the server's stdin and nothing more: replies may still come.
  process.stdin.once('end', () => server.stdin.end());
  // A server that stops reading is no error of ours, and its end will tell.
  server.stdin.on('error', () => undefined);

  join(server.stdout, process.stdout, (chunk) => {
    tap.noteOutgoing(chunk);
  });
  const drained = once(server.stdout, 'close');
  // The client is gone: the server learns it from its own stdout, as it would without us.
  process.stdout.on('error', () => server.stdout.destroy());

  await ended;
  process.stdin.destroy();
  await Promise.race([drained, delay(drainMs)]);
  await flushed(process.stdout);
}

function join(source: Readable, target: Writable, look: (chunk: Buffer) => void): void {
  source.on('data', (chunk: Buffer) => {
    if (!target.write(chunk)) source.pause();
    look(chunk);
  });
  target.on('drain', () => source.resume());
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** Resolves when everything written is out, or can no longer be. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
