import { scanFrames } from '../contract/frame.ts';
import type { FramedClaim, SandboxClaim } from '../contract/sandbox.ts';

/**
 * Finds the frames of a claim by their marks, lengths and checksums; what is in them is for the
 * sandbox to read. Out here that takes a hundredth of the time, and what is alike goes in once.
 */
export function frameClaim({ name, bytes, isFinal }: SandboxClaim): FramedClaim {
  const payloads: Uint8Array[] = [];
  const indexes = new Map<Uint8Array | string, number>();
  const frames: number[] = [];
  for (const payload of scanFrames(bytes).payloads) {
    const key = keyOf(payload);
    const index = indexes.get(key) ?? payloads.push(payload) - 1;
    indexes.set(key, index);
    frames.push(index, payload.byteOffset - bytes.byteOffset + payload.length);
  }
  let end = 0;
  const payloadEnds = payloads.map(({ length }) => (end += length));
  return {
    name,
    isFinal,
    size: bytes.length,
    payloads: Buffer.concat(payloads),
    payloadEnds: Uint32Array.from(payloadEnds).buffer,
    frames: Uint32Array.from(frames).buffer,
  };
}

// Commands leave some 25 bytes, and the same ones all day. What is longer is a session, with counts
// of its own.
const maxAlikeBytes = 128;

/** The same for alike payloads, if they are short. */
function keyOf(payload: Uint8Array): Uint8Array | string {
  const { buffer, byteOffset, length } = payload;
  if (length > maxAlikeBytes) return payload;
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}
