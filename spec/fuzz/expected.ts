import { crc32 } from 'node:zlib';
import type { Frame } from '../../contract/frame.ts';
import type { FuzzClaim } from './input.ts';

/**
 * Where a reader has to find frames, by the words of the format alone: the first mark that begins
 * a whole frame, then the first one behind its end. So an intact frame is hidden by one thing
 * only: a whole frame that begins in the damage before it and reaches into it. And when heads that
 * lie have claimed four times the length of everything, whatever is left is damage.
 */
function frameStarts(bytes: Uint8Array, from: number, to: number): readonly number[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const starts: number[] = [];
  let at = from;
  let vain = 0;
  while (at + 9 < to && vain <= 4 * (to - from)) {
    const size = view[at] === 0xc1 ? view.readUInt32BE(at + 1) : 0;
    const end = at + 9 + size;
    const couldBe = size > 0 && size <= 65_536 && end <= to;
    if (couldBe && crc32(view.subarray(at + 9, end)) === view.readUInt32BE(at + 5)) {
      starts.push(at);
      at = end;
    } else {
      if (couldBe) vain += 9 + size;
      at += 1;
    }
  }
  return starts;
}

/** The intact frames of a claim that must be counted, behind what a ledger says is counted already. */
export function framesToCount(
  { parts, bytes, firstLook }: FuzzClaim,
  offset = 0,
): readonly Frame[] {
  const early = frameStarts(bytes, 0, firstLook);
  const last = early.at(-1);
  const from = last === undefined ? offset : last + 9 + Buffer.from(bytes).readUInt32BE(last + 1);
  const starts = new Set([...early, ...frameStarts(bytes, from, bytes.length)]);
  let end = 0;
  return parts.flatMap(({ intact, bytes: { length } }) => {
    end += length;
    return intact !== undefined && starts.has(end - length) ? [intact] : [];
  });
}
