import { addExtension, Unpackr } from 'msgpackr/unpack';
import { type Frame, readFrame, scanFrames } from '../../spec/contract/frame.ts';

/** The frames of one claim from an offset on. */
export interface DecodedClaim {
  /** In order; the same object again where a short frame stands there again byte by byte. */
  readonly frames: readonly Frame[];
  /** Bytes that were no frame of ours. */
  readonly damagedBytes: number;
  /** Offset up to which the claim needs no second look. */
  readonly end: number;
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

/**
 * Decodes what stands behind `offset`. Bytes behind the last whole frame are left for a later look,
 * unless `isFinal`: then nobody can be writing them any more, and they are damage.
 */
export function decodeClaim(bytes: Uint8Array, offset: number, isFinal: boolean): DecodedClaim {
  const scan = scanFrames(bytes.subarray(offset));
  const frames: Frame[] = [];
  const decode = decodeAlikeOnce();
  let damagedBytes = scan.damagedBytes;
  for (const payload of scan.payloads) {
    const frame = decode(payload);
    if (frame === undefined) damagedBytes += payload.length;
    else frames.push(frame);
  }
  if (!isFinal) return { frames, damagedBytes, end: offset + scan.end };
  return { frames, damagedBytes: damagedBytes + scan.tailBytes, end: bytes.length };
}

// Commands leave some 25 bytes, and the same ones all day. What is longer is a session, with counts
// of its own.
const maxAlikeBytes = 128;

/** A decoder that unpacks alike payloads once: with it, a full buffer takes half the time. */
function decodeAlikeOnce(): (payload: Uint8Array) => Frame | undefined {
  const known = new Map<string, Frame>();
  return (payload) => {
    if (payload.length > maxAlikeBytes) return unpackFrame(payload);
    const key: string = Reflect.apply(String.fromCharCode, undefined, payload);
    const frame = known.get(key) ?? unpackFrame(payload);
    if (frame !== undefined) known.set(key, frame);
    return frame;
  };
}

function unpackFrame(payload: Uint8Array): Frame | undefined {
  try {
    return readFrame(unpackr.unpack(payload));
  } catch {
    // A right checksum over bytes that are not msgpack: no frame of ours, counted as damage.
    return undefined;
  }
}
