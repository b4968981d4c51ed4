import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { McpTap } from '../../mcp/tap.ts';
import type { Ending, PipedServer } from '../run-engine.ts';

// A grandchild can hold the pipe after the server is gone. What was in the pipe by then arrives
// within this time.
const silenceMs = 300;

// For a grandchild that goes on talking: what the server itself had left is long through.
const maxSilences = 10;

// A client that has sent a signal may read no more, and waits for the end before it sends a harder
// one: the SDKs give two seconds.
const signalledMs = 1_000;

/**
 * Joins this process's stdin and stdout to the server's, byte for byte: a chunk is handed on
 * first and looked at afterwards. Each end of a stream and each stop for a full pipe is passed on,
 * in either direction. Resolves when the server has ended and its last byte is on stdout.
 */
export async function relay(
  { stdin, stdout }: PipedServer,
  ended: Promise<Ending>,
  tap: McpTap | undefined,
): Promise<Ending> {
  relayRequests(stdin, tap);
  relayReplies(stdout, tap);
  const ending = await ended;
  process.stdin.destroy();
  // A client that reads slowly gets everything.
  const delivered = lastByte(stdout).then(flushed);
  await (ending.wasSignalled ? within(signalledMs, delivered) : delivered);
  return ending;
}

function relayRequests(target: Writable, tap: McpTap | undefined): void {
  const source = process.stdin;
  join(source, target, (chunk) => tap?.noteIncoming(chunk));
  // The end of stdin ends the server's stdin and nothing more: replies may still come.
  source.on('end', () => target.end());
  source.on('error', () => target.end());
  // The server reads no more, so the client's next write has to fail, as it would without us.
  target.on('error', () => source.once('close', () => letGo(0)).destroy());
}

function relayReplies(source: Readable, tap: McpTap | undefined): void {
  const target = process.stdout;
  join(source, target, (chunk) => tap?.noteOutgoing(chunk));
  // The server has closed its stdout. It may live on, and the client must see the end at once.
  source.on('end', () => void flushed().then(() => letGo(1)));
  source.on('error', () => undefined);
  // The client is gone: the server learns it from its own stdout, as it would without us.
  target.on('error', () => source.destroy());
}

function join(source: Readable, target: Writable, look: (chunk: Buffer) => void): void {
  source.on('data', (chunk: Buffer) => {
    if (!target.write(chunk)) source.pause();
    look(chunk);
  });
  target.on('drain', () => source.resume());
}

/**
 * Closes a standard stream of this process, so that the process at its other end notices. Node
 * never does; the null device takes the number, so that no other file gets it.
 */
function letGo(stream: 0 | 1): void {
  try {
    closeSync(stream);
    openSync(devNull, stream === 0 ? 'r' : 'w');
  } catch {
    // It was closed already, or there is no room for another file: nothing is written to it again.
  }
}

/** Resolves when the server's last byte was handed on: at the end of the stream, or in silence. */
function lastByte(source: Readable): Promise<void> {
  return new Promise((resolve) => {
    let isSilent = true;
    let silences = 0;
    const timer = setInterval(() => {
      // While the client does not read, silence says nothing.
      if (source.isPaused()) return;
      silences += 1;
      if (isSilent || silences === maxSilences) finish();
      isSilent = true;
    }, silenceMs);
    const finish = (): void => {
      clearInterval(timer);
      source.destroy();
      resolve();
    };
    source.on('data', () => {
      isSilent = false;
    });
    if (source.closed) finish();
    else source.once('close', finish);
  });
}

/** Resolves when everything written to stdout is out, or never can be. */
function flushed(): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.writableLength === 0) resolve();
    else process.stdout.once('error', () => resolve()).write('', () => resolve());
  });
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeUp]);
  clearTimeout(timer);
}
