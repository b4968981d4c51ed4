import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpack } from 'msgpackr';
import { bufferFile } from '../../contract/files.ts';
import { type Frame, readFrame, scanFrames } from '../../contract/frame.ts';

/** The frames that stand in the buffer of a home, all of them whole; none where there is no file. */
export function framesIn(home: string): readonly (Frame | undefined)[] {
  const path = join(home, bufferFile);
  if (!existsSync(path)) return [];
  const { payloads, damagedBytes, tailBytes } = scanFrames(readFileSync(path));
  if (damagedBytes + tailBytes > 0) throw new Error('the buffer is damaged');
  return payloads.map((payload) => readFrame(unpack(payload)));
}
