import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test, vi } from 'vitest';
import { bufferFile, spoolFolder } from '../contract/files.ts';
import { maxBufferBytes } from '../contract/limits.ts';
import { bufferOf, frameOf, queries } from '../spec/support/frames.ts';
import { temporaryPaths, temporarySpool } from '../spec/support/temporary-home.ts';
import { deleteClaims, readUnclaimed, takeClaims } from './claim.ts';

const bytes = bufferOf(frameOf(20_780, [queries(1)]));

/** A spool with these files in it. */
function spoolWith(files: Readonly<Record<string, Uint8Array>>): { home: string; spool: string } {
  const { home } = temporarySpool();
  const spool = join(home, spoolFolder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(spool, name), content);
  return { home, spool };
}

const buffer = { 'buffer.msgpack': bytes };

it('takes nothing where there is nothing', () => {
  const { home } = temporarySpool();
  expect(takeClaims(home, 'a')).toEqual([]);
  expect(readUnclaimed(home)).toEqual([]);
  expect(readUnclaimed(temporaryPaths().home)).toEqual([]);
});

it('takes the buffer by giving it another name', () => {
  const { home, spool } = spoolWith(buffer);
  expect(takeClaims(home, 'a')).toEqual([{ name: 'claim-a', bytes, isFinal: false }]);
  expect(readdirSync(spool)).toEqual(['claim-a']);
});

it('takes what crashed flushers have left, with or without a buffer', () => {
  const left = {
    'claim-x': bytes,
    'claim-y': new Uint8Array(),
    'ledger.json': bytes,
    claim: bytes,
  };
  const names = (files: typeof left | (typeof left & typeof buffer)): readonly string[] =>
    takeClaims(spoolWith(files).home, 'a').map(({ name }) => name);
  expect(names(left)).toEqual(['claim-x', 'claim-y']);
  expect(names({ ...left, ...buffer })).toEqual(['claim-x', 'claim-y', 'claim-a']);
});

it('takes a claim for finished when nobody can have it open any more', async () => {
  const { home } = spoolWith(buffer);
  takeClaims(home, 'a');
  await vi.waitFor(() => {
    expect(takeClaims(home, 'b')).toMatchObject([{ name: 'claim-a', isFinal: true }]);
  }, 10_000);
});

it('leaves the buffer where it is while claims of its full size wait', () => {
  const { home } = spoolWith({ ...buffer, 'claim-x': new Uint8Array(maxBufferBytes) });
  expect(takeClaims(home, 'a').map(({ name }) => name)).toEqual(['claim-x']);
  expect(existsSync(join(home, bufferFile))).toBe(true);
});

it('reads of a claim no more than two buffers, however long it is', () => {
  const { home, spool } = spoolWith({ 'claim-x': bytes });
  // A file with a hole: it takes no room, and is longer than Node reads in one piece.
  truncateSync(join(spool, 'claim-x'), 5 * 2 ** 30);
  const [claim] = takeClaims(home, 'a');
  expect(claim?.bytes).toHaveLength(2 * maxBufferBytes);
  expect(claim?.bytes.subarray(0, bytes.length)).toEqual(bytes);
});

describe.skipIf(process.platform === 'win32')('gets by, once and for all,', () => {
  test.each<[what: string, put: (path: string) => void]>([
    ['a folder', (path) => mkdirSync(path)],
    [
      'a folder with something in it',
      (path) => mkdirSync(join(path, 'inside'), { recursive: true }),
    ],
    ['a pipe', (path) => spawnSync('mkfifo', [path])],
    [
      'a link to a file',
      (path) => {
        writeFileSync(`${path}.target`, bytes);
        symlinkSync(`${path}.target`, path);
      },
    ],
    ['a link to nothing', (path) => symlinkSync('nowhere', path)],
    ['a link to itself', (path) => symlinkSync('buffer.msgpack', path)],
  ])('%s in the buffer’s place', (_, put) => {
    const { home } = spoolWith({ 'claim-x': bytes });
    put(join(home, bufferFile));
    expect(takeClaims(home, 'a').map(({ name }) => name)).toEqual(['claim-x']);
    writeFileSync(join(home, bufferFile), bytes);
    expect(takeClaims(home, 'b').map(({ name }) => name)).toEqual(['claim-x', 'claim-b']);
  });
});

it('shows what a flush would take, and leaves it', () => {
  const { home, spool } = spoolWith({ ...buffer, 'claim-x': bytes });
  expect(readUnclaimed(home).map(({ name }) => name)).toEqual(['claim-x', 'buffer.msgpack']);
  expect(readdirSync(spool)).toEqual(['buffer.msgpack', 'claim-x']);
});

it('deletes the claims it is told to, and minds none that is gone', () => {
  const { home, spool } = spoolWith({ ...buffer, 'claim-x': bytes, 'claim-y': bytes });
  const claims = ['claim-x', 'claim-z'].map((name) => ({ name, bytes, isFinal: true }));
  deleteClaims(home, claims);
  expect(readdirSync(spool)).toEqual(['buffer.msgpack', 'claim-y']);
  expect(readFileSync(join(spool, 'claim-y'))).toEqual(Buffer.from(bytes));
});
