import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unpackr } from 'msgpackr';
import { bufferFile } from '../../contract/files.ts';
import { type Frame, readFrame, scanFrames } from '../../contract/frame.ts';
import type { TestHome } from './home.ts';
import { type Tally, tally } from './tally.ts';

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** What processes have left in the buffer. */
export interface LeftFrames {
  readonly frames: readonly Frame[];
  /** Bytes that are no whole frame. */
  readonly strayBytes: number;
}

/** Reads the buffer as the sender thread would; nothing when there is none. */
export function readBuffer({ folder }: Pick<TestHome, 'folder'>): LeftFrames {
  const { payloads, damagedBytes, tailBytes } = scanFrames(bytesOf(join(folder, bufferFile)));
  const frames = payloads.map((payload) => readFrame(unpackr.unpack(payload)));
  if (frames.includes(undefined)) throw new Error('a whole frame has a payload that is none');
  return { frames: frames as Frame[], strayBytes: damagedBytes + tailBytes };
}

/** What is counted in frames. */
export function countsIn(frames: readonly Frame[]): Tally {
  const counters = frames.flatMap((frame) => frame.counters);
  return tally(counters.map(([, name, calls, errors]) => [name, calls, errors]));
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return new Uint8Array();
    throw error;
  }
}
