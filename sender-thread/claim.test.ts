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
import { temporaryPaths, temporarySpool } from '../spec/support/home.ts';
import { deleteClaims, readUnclaimed, takeClaims } from './claim.ts';

const bytes = bufferOf(frameOf(20_780, [queries(1)]));

/** A spool with these files in it. */
function spoolWith(files: Readonly<Record<string, Uint8Array>>): {
  dataDir: string;
  spool: string;
} {
  const { dataDir } = temporarySpool();
  const spool = join(dataDir, spoolFolder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(spool, name), content);
  return { dataDir, spool };
}

const buffer = { 'buffer.msgpack': bytes };

it('takes nothing where there is nothing', () => {
  const { dataDir } = temporarySpool();
  expect(takeClaims(dataDir, 'a')).toEqual([]);
  expect(readUnclaimed(dataDir)).toEqual([]);
  expect(readUnclaimed(temporaryPaths().dataDir)).toEqual([]);
});

it('takes the buffer by giving it another name', () => {
  const { dataDir, spool } = spoolWith(buffer);
  expect(takeClaims(dataDir, 'a')).toEqual([{ name: 'claim-a', bytes, isFinal: false }]);
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
    takeClaims(spoolWith(files).dataDir, 'a').map(({ name }) => name);
  expect(names(left)).toEqual(['claim-x', 'claim-y']);
  expect(names({ ...left, ...buffer })).toEqual(['claim-x', 'claim-y', 'claim-a']);
});

it('takes a claim for finished when nobody can have it open any more', async () => {
  const { dataDir } = spoolWith(buffer);
  takeClaims(dataDir, 'a');
  await vi.waitFor(() => {
    expect(takeClaims(dataDir, 'b')).toMatchObject([{ name: 'claim-a', isFinal: true }]);
  }, 10_000);
});

it('leaves the buffer where it is while claims of its full size wait', () => {
  const { dataDir } = spoolWith({ ...buffer, 'claim-x': new Uint8Array(maxBufferBytes) });
  expect(takeClaims(dataDir, 'a').map(({ name }) => name)).toEqual(['claim-x']);
  expect(existsSync(join(dataDir, bufferFile))).toBe(true);
});

it('reads of a claim no more than two buffers, however long it is', () => {
  const { dataDir, spool } = spoolWith({ 'claim-x': bytes });
  // A file with a hole: it takes no room, and is longer than Node reads in one piece.
  truncateSync(join(spool, 'claim-x'), 5 * 2 ** 30);
  const [claim] = takeClaims(dataDir, 'a');
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
    const { dataDir } = spoolWith({ 'claim-x': bytes });
    put(join(dataDir, bufferFile));
    expect(takeClaims(dataDir, 'a').map(({ name }) => name)).toEqual(['claim-x']);
    writeFileSync(join(dataDir, bufferFile), bytes);
    expect(takeClaims(dataDir, 'b').map(({ name }) => name)).toEqual(['claim-x', 'claim-b']);
  });
});

it('shows what a flush would take, and leaves it', () => {
  const { dataDir, spool } = spoolWith({ ...buffer, 'claim-x': bytes });
  expect(readUnclaimed(dataDir).map(({ name }) => name)).toEqual(['claim-x', 'buffer.msgpack']);
  expect(readdirSync(spool)).toEqual(['buffer.msgpack', 'claim-x']);
});

it('deletes the claims it is told to, and minds none that is gone', () => {
  const { dataDir, spool } = spoolWith({ ...buffer, 'claim-x': bytes, 'claim-y': bytes });
  const claims = ['claim-x', 'claim-z'].map((name) => ({ name, bytes, isFinal: true }));
  deleteClaims(dataDir, claims);
  expect(readdirSync(spool)).toEqual(['buffer.msgpack', 'claim-y']);
  expect(readFileSync(join(spool, 'claim-y'))).toEqual(Buffer.from(bytes));
});
