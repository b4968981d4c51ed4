import { addExtension, Unpackr } from 'msgpackr/unpack';
import { type Frame, frameHeaderBytes, isOfNewerVersion, readFrame } from '../../contract/frame.ts';
import type { FramedClaim } from '../../contract/sandbox.ts';

/** The frames of one claim from an offset on. */
export interface DecodedClaim {
  /** Each with how often it is there. */
  readonly frames: ReadonlyMap<Frame, number>;
  /** Bytes that were no frame of ours. */
  readonly damagedBytes: number;
  /** Offset up to which the claim needs no second look. */
  readonly end: number;
  /** Bytes that were decoded for this: what is alike is decoded once. */
  readonly decodedBytes: number;
  /** Why frames are left behind `end`: no bytes were left to decode, or a newer version wrote them. */
  readonly rest: 'none' | 'cut' | 'newer';
}

/**
 * Decodes what stands behind `offset`, until it has decoded `maxBytes`. Bytes behind the last whole frame
 * are left for a later look, unless the claim is final: then nobody can be writing them any more, and
 * they are damage.
 */
export function decodeClaim(claim: FramedClaim, offset: number, maxBytes: number): DecodedClaim {
  const { payloads, size, isFinal } = claim;
  const ends = new Uint32Array(claim.payloadEnds);
  const found = new Uint32Array(claim.frames);
  const known: (Frame | undefined)[] = [];
  const times = new Uint32Array(ends.length);
  let damagedBytes = 0;
  let decodedBytes = 0;
  let end = offset;
  let rest: DecodedClaim['rest'] = 'none';
  // No lists to take apart in here: it runs for each of thousands of frames.
  for (let at = 0; at < found.length; at += 2) {
    const index = found[at]!;
    const frameEnd = found[at + 1]!;
    const payloadStart = index === 0 ? 0 : ends[index - 1]!;
    const length = ends[index]! - payloadStart;
    const start = frameEnd - length - frameHeaderBytes;
    if (start < offset) continue;
    if (!(index in known)) {
      const payload = payloads.subarray(payloadStart, payloadStart + length);
      if (isOfNewerVersion(payload)) rest = 'newer';
      else if (decodedBytes >= maxBytes) rest = 'cut';
      if (rest !== 'none') break;
      known[index] = unpackFrame(payload);
      decodedBytes += length;
    }
    if (known[index] === undefined) damagedBytes += length;
    else times[index]! += 1;
    damagedBytes += start - end;
    end = frameEnd;
  }
  if (isFinal && rest === 'none') {
    // Somebody may have cut it off since an earlier look.
    damagedBytes += Math.max(0, size - end);
    end = size;
  }
  const frames = new Map<Frame, number>();
  for (const [index, frame] of known.entries()) {
    if (frame !== undefined && times[index]! > 0) frames.set(frame, times[index]!);
  }
  return { frames, damagedBytes, end, decodedBytes, rest };
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
