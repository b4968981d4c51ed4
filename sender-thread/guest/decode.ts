import { Unpackr } from 'msgpackr/unpack';
import { type Frame, readFrame, scanFrames } from '../../spec/contract/frame.ts';

/** The frames of one claim from an offset on. */
export interface DecodedClaim {
  readonly frames: readonly Frame[];
  /** Bytes that were no frame of ours. */
  readonly damagedBytes: number;
  /** Offset up to which the claim needs no second look. */
  readonly end: number;
}

// No records: they are msgpackr's own extension, and would let bytes name property sets.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/**
 * Decodes what stands behind `offset`. Bytes behind the last whole frame are left for a later look,
 * unless `isFinal`: then nobody can be writing them any more, and they are damage.
 */
export function decodeClaim(bytes: Uint8Array, offset: number, isFinal: boolean): DecodedClaim {
  const scan = scanFrames(bytes.subarray(offset));
  const frames: Frame[] = [];
  let damagedBytes = scan.damagedBytes;
  for (const payload of scan.payloads) {
    const frame = unpackFrame(payload);
    if (frame === undefined) damagedBytes += payload.length;
    else frames.push(frame);
  }
  if (!isFinal) return { frames, damagedBytes, end: offset + scan.end };
  return { frames, damagedBytes: damagedBytes + scan.tailBytes, end: bytes.length };
}

function unpackFrame(payload: Uint8Array): Frame | undefined {
  try {
    return readFrame(unpackr.unpack(payload));
  } catch {
    // A right checksum over bytes that are not msgpack: no frame of ours, counted as damage.
    return undefined;
  }
}
