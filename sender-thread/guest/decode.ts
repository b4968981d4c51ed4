import { addExtension, Unpackr } from 'msgpackr/unpack';
import { type Frame, frameHeaderBytes, readFrame } from '../../contract/frame.ts';
import type { FramedClaim } from '../../contract/sandbox.ts';

/** The frames of one claim from an offset on. */
export interface DecodedClaim {
  /** Each with how often it is there. */
  readonly frames: ReadonlyMap<Frame, number>;
  /** Bytes that were no frame of ours. */
  readonly damagedBytes: number;
  /** Offset up to which the claim needs no second look. */
  readonly end: number;
}

/**
 * Decodes what stands behind `offset`. Bytes behind the last whole frame are left for a later look,
 * unless the claim is final: then nobody can be writing them any more, and they are damage.
 */
export function decodeClaim(claim: FramedClaim, offset: number): DecodedClaim {
  const { payloads, size, isFinal } = claim;
  const ends = new Uint32Array(claim.payloadEnds);
  const found = new Uint32Array(claim.frames);
  const startOf = (index: number): number => ends[index - 1] ?? 0;
  const times = new Uint32Array(ends.length);
  let damagedBytes = 0;
  let end = offset;
  for (let at = 0; at < found.length; at += 2) {
    const [index, frameEnd] = [found[at]!, found[at + 1]!];
    const start = frameEnd - (ends[index]! - startOf(index)) - frameHeaderBytes;
    if (start < offset) continue;
    times[index]! += 1;
    damagedBytes += start - end;
    end = frameEnd;
  }
  const frames = new Map<Frame, number>();
  for (let index = 0; index < ends.length; index++) {
    if (times[index] === 0) continue;
    const payload = payloads.subarray(startOf(index), ends[index]);
    const frame = unpackFrame(payload);
    if (frame === undefined) damagedBytes += times[index]! * payload.length;
    else frames.set(frame, times[index]!);
  }
  if (!isFinal) return { frames, damagedBytes, end };
  // Somebody may have cut it off since an earlier look.
  return { frames, damagedBytes: damagedBytes + Math.max(0, size - end), end: size };
}

// A frame has no extensions. msgpackr brings some of its own, and reads them unless it is kept from
// it: parts that stand for other parts, so that 300 bytes unfold until the time is up; patterns and
// integers of any size; and records, which it compiles. A record needs a place for its structure.
const structures: {}[] = [];
const unpackr = new Unpackr({ mapsAsObjects: true, int64AsType: 'number', structures });
Object.freeze(structures);
for (let type = 0; type < 256; type++) addExtension({ type, unpack: refuseExtension });

function refuseExtension(): never {
  throw new TypeError('frame: no extension is known');
}

function unpackFrame(payload: Uint8Array): Frame | undefined {
  try {
    return readFrame(unpackr.unpack(payload));
  } catch {
    // A right checksum over bytes that are not msgpack: no frame of ours, counted as damage.
    return undefined;
  }
}
