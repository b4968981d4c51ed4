import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unpackr } from 'msgpackr';
import { bufferFile } from '../../contract/files.ts';
import { type Frame, readFrame, scanFrames } from '../../contract/frame.ts';
import type { TestHome } from './home.ts';

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** What processes have left in the buffer. */
export interface LeftFrames {
  readonly frames: readonly Frame[];
  /** Bytes that are no whole frame. */
  readonly strayBytes: number;
}

/** Reads the buffer as the sender thread would; nothing when there is none. */
export function readBuffer({ folder }: Pick<TestHome, 'folder'>): LeftFrames {
  const path = join(folder, bufferFile);
  const { payloads, damagedBytes, tailBytes } = scanFrames(
    existsSync(path) ? readFileSync(path) : new Uint8Array(),
  );
  const frames = payloads.map((payload) => readFrame(unpackr.unpack(payload)));
  if (frames.includes(undefined)) throw new Error('a whole frame has a payload that is none');
  return { frames: frames as Frame[], strayBytes: damagedBytes + tailBytes };
}

/** The frames in the buffer of a data folder. @throws Error when anything else is in it. */
export function framesIn(dataDir: string): readonly Frame[] {
  const { frames, strayBytes } = readBuffer({ folder: dataDir });
  if (strayBytes > 0) throw new Error('the buffer is damaged');
  return frames;
}

/** What is counted in frames. */
export function countsIn(frames: readonly Frame[]): Tally {
  const counters = frames.flatMap((frame) => frame.counters);
  return tally(counters.map(([, name, calls, errors]) => [name, calls, errors]));
}

/** Sums of calls and errors by name, as `calls/errors`: short to write in an expectation. */
export type Tally = Readonly<Record<string, `${number}/${number}`>>;

/** Adds up counts of the same name, in whatever pieces they came. */
export function tally(
  counts: Iterable<readonly [name: string, calls: number, errors: number]>,
): Tally {
  const sums = new Map<string, readonly [calls: number, errors: number]>();
  for (const [name, calls, errors] of counts) {
    const [callsBefore, errorsBefore] = sums.get(name) ?? [0, 0];
    sums.set(name, [callsBefore + calls, errorsBefore + errors]);
  }
  return Object.fromEntries(
    Array.from(sums, ([name, [calls, errors]]) => [name, `${calls}/${errors}` as const]),
  );
}
