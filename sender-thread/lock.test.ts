import {
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { Handover } from '../contract/flush.ts';
import { lockStaleMs } from '../contract/limits.ts';
import { fileUrl, runProgram } from '../spec/support/programs.ts';
import { isPrivate, temporaryFolder } from '../spec/support/home.ts';
import { FlushLost, Lock } from './lock.ts';

function newHandover(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** A lock file path, and the lock if it could be taken. */
function take(path: string, flushId: string, handover = newHandover()): Lock | undefined {
  return Lock.take(path, flushId, handover);
}

function takeOrFail(path: string, flushId: string, handover?: Int32Array): Lock {
  const lock = take(path, flushId, handover);
  if (lock === undefined) throw new Error('the lock is taken');
  return lock;
}

function newPath(): string {
  return join(temporaryFolder(), 'lock');
}

function age(path: string, ms: number): void {
  const time = new Date(Date.now() - ms);
  utimesSync(path, time, time);
}

const nothing = (): void => {};
const never = (): never => {
  throw new Error('changed the spool');
};

describe('is refused', () => {
  test.each<[what: string, ageMs: number]>([
    ['just now', 0],
    ['almost two minutes ago', lockStaleMs - 5_000],
    ['a minute ahead, by another clock', -60_000],
  ])('while another has touched it %s', (_, ageMs) => {
    const path = newPath();
    takeOrFail(path, 'first');
    age(path, ageMs);
    expect(take(path, 'second')).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  it('while another is just writing its name into it', () => {
    const path = newPath();
    writeFileSync(path, '');
    expect(take(path, 'second')).toBeUndefined();
  });
});

describe('is taken', () => {
  it('by the first who comes, in a file for its owner alone', () => {
    const path = newPath();
    takeOrFail(path, 'first').commit(nothing);
    expect(readFileSync(path, 'utf8')).toBe('first');
    expect(isPrivate(path)).toBe(true);
  });

  it('again after it was given back', () => {
    const path = newPath();
    takeOrFail(path, 'first').release();
    expect(existsSync(path)).toBe(false);
    takeOrFail(path, 'second').commit(nothing);
  });

  test.each<[what: string, ageMs: number]>([
    ['two minutes', lockStaleMs + 1_000],
    ['years', 1e11],
    ['minus an hour, by another clock', -3_600_000],
  ])('from one who has not touched it for %s', (_, ageMs) => {
    const path = newPath();
    const first = takeOrFail(path, 'first');
    age(path, ageMs);
    const second = takeOrFail(path, 'second');
    expect(() => first.commit(never)).toThrow(FlushLost);
    first.release();
    expect(readFileSync(path, 'utf8')).toBe('second');
    second.commit(nothing);
  });

  it('from nobody who still beats', () => {
    const path = newPath();
    const first = takeOrFail(path, 'first');
    age(path, lockStaleMs + 1_000);
    first.beat();
    expect(take(path, 'second')).toBeUndefined();
  });

  it('by one at the most of many processes that find it stale', async () => {
    const path = newPath();
    writeFileSync(path, 'crashed');
    age(path, lockStaleMs + 1_000);
    const racer = (flushId: string): string => `
      import { Lock } from ${JSON.stringify(fileUrl('sender-thread/lock.ts'))};
      const start = ${Date.now() + 700};
      while (Date.now() < start);
      const path = ${JSON.stringify(path)};
      const lock = Lock.take(path, '${flushId}', new Int32Array(new SharedArrayBuffer(4)));
      try { lock?.commit(() => console.log('committed')); } catch {}`;
    const racers = ['a', 'b', 'c', 'd'].map((flushId) => runProgram(racer(flushId)));
    const outputs = (await Promise.all(racers)).map(({ stdout }) => stdout);
    expect(outputs.filter((output) => output === 'committed\n').length).toBeLessThanOrEqual(1);
  });
});

describe('commits nothing more', () => {
  it('after an exiting main thread took the flush away', () => {
    const path = newPath();
    const handover = newHandover();
    const lock = takeOrFail(path, 'first', handover);
    lock.commit(nothing);
    Atomics.store(handover, 0, Handover.abandoned);
    for (let again = 0; again < 3; again++) expect(() => lock.commit(never)).toThrow(FlushLost);
    expect(Atomics.load(handover, 0)).toBe(Handover.abandoned);
    // The file is the main thread's to remove.
    lock.release();
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  it('after the spool was deleted by `off`', () => {
    const path = newPath();
    const lock = takeOrFail(path, 'first');
    unlinkSync(path);
    expect(() => lock.commit(never)).toThrow(FlushLost);
    lock.release();
  });

  it('nor sends anything, when the spool is another’s by now', () => {
    const path = newPath();
    const lock = takeOrFail(path, 'first');
    unlinkSync(path);
    expect(() => lock.beat()).toThrow(FlushLost);
    takeOrFail(path, 'second');
    age(path, 60_000);
    const before = statSync(path).mtimeMs;
    expect(() => lock.beat()).toThrow(FlushLost);
    expect(statSync(path).mtimeMs).toBe(before);
  });
});

describe('while it commits', () => {
  it('says so, and says when it is done', () => {
    const handover = newHandover();
    const lock = takeOrFail(newPath(), 'first', handover);
    expect(lock.commit(() => Atomics.load(handover, 0))).toBe(Handover.committing);
    expect(Atomics.load(handover, 0)).toBe(Handover.free);
  });

  it('says that it is done also when the change fails', () => {
    const handover = newHandover();
    const lock = takeOrFail(newPath(), 'first', handover);
    expect(() => lock.commit(never)).toThrow('changed the spool');
    expect(Atomics.load(handover, 0)).toBe(Handover.free);
    lock.commit(nothing);
  });
});

it('is given back once, and only by its own', () => {
  const path = newPath();
  const lock = takeOrFail(path, 'first');
  lock.release();
  takeOrFail(path, 'second');
  lock.release();
  expect(readFileSync(path, 'utf8')).toBe('second');
});

it('throws what the file system throws where no lock can be', () => {
  const folder = temporaryFolder();
  expect(() => take(join(folder, 'none', 'lock'), 'first')).toThrow('ENOENT');
});

it('is taken where something else has its name', () => {
  const path = join(temporaryFolder(), 'lock');
  mkdirSync(path);
  take(path, 'first')?.release();
  expect(existsSync(path)).toBe(false);
});
