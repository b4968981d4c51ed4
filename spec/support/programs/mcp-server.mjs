// @ts-check
// What a scripted server is made of.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * Keeps every byte that comes in, in a file that is complete at any moment.
 * @param {string} path
 */
export function record(path) {
  const file = openSync(path, 'a');
  process.stdin.on('data', (/** @type {Buffer} */ chunk) => {
    writeSync(file, chunk);
  });
}

/**
 * Writes a file to stdout, in pieces of so many bytes, each in a write of its own, as fast as the
 * reader takes it.
 * @param {string} path
 * @param {number} [pieceBytes]
 */
export async function play(path, pieceBytes = 65_536) {
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    await write(bytes.subarray(at, at + pieceBytes));
  }
}

/**
 * Writes to stdout; resolves when it is out.
 * @param {string | Uint8Array} bytes
 * @returns {Promise<void>}
 */
export function write(bytes) {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Resolves when so many bytes have come in.
 * @param {number} count
 * @returns {Promise<void>}
 */
export function received(count) {
  let seen = 0;
  return new Promise((resolve) => {
    process.stdin.on('data', (/** @type {Buffer} */ chunk) => {
      seen += chunk.length;
      if (seen >= count) resolve();
    });
  });
}

/**
 * Resolves at the end of stdin.
 * @returns {Promise<void>}
 */
export function inputEnded() {
  return new Promise((resolve) => {
    process.stdin.once('end', resolve).resume();
  });
}

/**
 * Answers each request that has an id, as `answer` says; undefined is no answer.
 * @param {(request: { id: unknown, method: string, params: any }) => unknown} answer
 */
export function answerAll(answer) {
  let rest = '';
  process.stdin.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const request = JSON.parse(line);
      const reply = 'id' in request ? answer(request) : undefined;
      if (reply !== undefined) process.stdout.write(`${JSON.stringify(reply)}\n`);
    }
  });
}

/** A line on stdout that says this process is there. */
export function greet() {
  writeSync(
    1,
    `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { pid: process.pid } })}\n`,
  );
}

/**
 * A process that lives on for so long and holds this one's stdout.
 * @param {number} ms
 */
export function leaveGrandchild(ms) {
  spawn(process.execPath, ['-e', `setTimeout(() => {}, ${ms})`], {
    detached: true,
    stdio: ['ignore', 'inherit', 'ignore'],
  }).unref();
}

/**
 * Closes a standard stream for good.
 * @param {0 | 1} stream
 */
export function close(stream) {
  closeSync(stream);
  openSync('/dev/null', 'r+');
}

/** Never ends by itself. */
export function stay() {
  setInterval(() => undefined, 60_000);
}

/**
 * Dies of a signal, also of those that Node ignores or takes for itself.
 * @param {NodeJS.Signals} signal
 */
export function dieOf(signal) {
  stay();
  if (signal !== 'SIGKILL') {
    const listener = () => undefined;
    process.on(signal, listener).removeListener(signal, listener);
  }
  process.kill(process.pid, signal);
}

/**
 * Plays the server's part of a dialogue: hears the lines that begin with `> `, as lines and no
 * more, and says the others, each when the ones before it are through.
 * @param {readonly string[]} lines
 */
export async function playDialogue(lines) {
  let heard = 0;
  let wake = () => {};
  process.stdin.on('data', (/** @type {Buffer} */ chunk) => {
    for (const byte of chunk) if (byte === 10) heard += 1;
    wake();
  });
  let expected = 0;
  for (const line of lines) {
    if (line.startsWith('> ')) {
      expected += 1;
      while (heard < expected) {
        await new Promise((resolve) => {
          wake = () => {
            resolve(undefined);
          };
        });
      }
    } else {
      await write(`${line.slice(2)}\n`);
    }
  }
}
