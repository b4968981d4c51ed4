import { crc32 } from './crc32.ts';
import type { DayNumber } from './day.ts';
import { maxFrameBytes } from './limits.ts';
import { pack, type PackValue } from './msgpack.ts';
import type { CounterKind } from './report/lists.ts';

/**
 * One record of the buffer: what one process counted on one day.
 *
 *   0xC1 | u32 payload length | u32 CRC-32 of the payload | payload
 *
 * Numbers are big-endian. 0xC1 is the one byte that msgpack never uses as a type, so a reader that
 * lost its place looks for it. The payload is standard msgpack of
 * `[version, day, counters, events, dropped]`. Arrays rather than maps: a third of the bytes.
 */
export interface Frame {
  readonly day: DayNumber;
  readonly counters: readonly FrameCounter[];
  readonly events: readonly FrameEvent[];
  /** Counts that found no room in the buffer. */
  readonly dropped: number;
}

/** Kind indexes `counterKinds`; the client, and the version of that, are left out if unknown. */
export type FrameCounter = readonly [
  kind: 0 | 1,
  name: string,
  calls: number,
  errors: number,
  ...clientAndVersion: readonly string[],
];

/** `[event name, props]`; both are the allowlist's business. */
export type FrameEvent = readonly [name: string, props: { readonly [key: string]: PackValue }];

export const frameMark = 0xc1;
export const frameHeaderBytes = 9;
const frameVersion = 1;

export const frameKinds = { cli_command: 0, mcp_tool: 1 } as const satisfies Record<
  CounterKind,
  FrameCounter[0]
>;

/**
 * The bytes of one frame.
 *
 * @throws RangeError when it would be longer than a reader accepts.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(frameHeaderBytes + Math.min(maxFrameBytes, roomFor(frame)));
  const value = [frameVersion, frame.day, frame.counters, frame.events, frame.dropped] as const;
  const end = pack(value, bytes, frameHeaderBytes);
  const header = new DataView(bytes.buffer);
  header.setUint8(0, frameMark);
  header.setUint32(1, end - frameHeaderBytes);
  header.setUint32(5, crc32(bytes, frameHeaderBytes, end));
  return bytes.subarray(0, end);
}

// Zeroing 64 KiB would take longer than packing the one counter of a command.
function roomFor({ counters, events }: Frame): number {
  return 64 + 128 * counters.length + 2_048 * events.length;
}

/** What a reader learnt from a run of bytes. */
export interface FrameScan {
  /** Payloads whose checksum is right, in order. */
  readonly payloads: readonly Uint8Array[];
  /** Bytes before the last whole frame that belong to none. */
  readonly damagedBytes: number;
  /** Offset behind the last whole frame; what follows may be a frame that is still being written. */
  readonly end: number;
  /** Bytes behind `end`. */
  readonly tailBytes: number;
}

// Damage can look like the head of a frame, again and again. So many times the length of the bytes
// is checked in vain before the rest counts as damage: made-up heads must not cost squares.
const maxVainPasses = 4;

/** Finds every whole frame in `bytes`, whatever stands between them. */
export function scanFrames(bytes: Uint8Array): FrameScan {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payloads: Uint8Array[] = [];
  let damagedBytes = 0;
  let end = 0;
  let vainBytes = 0;
  let at = bytes.indexOf(frameMark);
  while (at !== -1 && vainBytes <= maxVainPasses * bytes.length) {
    const length = claimedLengthAt(view, at);
    const isWhole = length > 0 && hasRightChecksum(bytes, view, at, length);
    if (isWhole) {
      payloads.push(bytes.subarray(at + frameHeaderBytes, at + length));
      damagedBytes += at - end;
      end = at + length;
    } else {
      vainBytes += length;
    }
    at = bytes.indexOf(frameMark, isWhole ? end : at + 1);
  }
  return { payloads, damagedBytes, end, tailBytes: bytes.length - end };
}

/** Bytes that the frame at `at` claims to have; 0 when that cannot be. */
function claimedLengthAt(view: DataView, at: number): number {
  if (at + frameHeaderBytes > view.byteLength) return 0;
  const payloadBytes = view.getUint32(at + 1);
  const length = frameHeaderBytes + payloadBytes;
  const isPossible = payloadBytes > 0 && payloadBytes <= maxFrameBytes;
  return isPossible && at + length <= view.byteLength ? length : 0;
}

function hasRightChecksum(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
  return crc32(bytes, at + frameHeaderBytes, at + length) === view.getUint32(at + 5);
}

/**
 * Whether a newer version of this package wrote a payload. In every version it is an array of fewer than
 * 16 values, the first of which is the version: this looks at the two bytes that say so.
 */
export function isOfNewerVersion([head = 0, version = 0]: Uint8Array): boolean {
  return head >= 0x90 && head <= 0x9f && version > frameVersion && version <= 0x7f;
}

/**
 * The frame in an unpacked payload, or undefined when it is not a frame of this version. Names and
 * numbers are looked at by the roll-up, which checks each distinct identity against the allowlist.
 */
export function readFrame(value: unknown): Frame | undefined {
  if (!Array.isArray(value) || value.length !== 5) return undefined;
  const [version, day, counters, events, dropped] = value as unknown[];
  if (version !== frameVersion || !isCount(day) || !isCount(dropped)) return undefined;
  if (!Array.isArray(counters) || !counters.every(isFrameCounter)) return undefined;
  if (!Array.isArray(events) || !events.every(isFrameEvent)) return undefined;
  return { day, counters, events, dropped };
}

function isFrameCounter(value: unknown): value is FrameCounter {
  if (!Array.isArray(value) || value.length < 4 || value.length > 6) return false;
  const [kind, name, calls, errors, client, clientVersion] = value as unknown[];
  return (
    (kind === 0 || kind === 1) &&
    typeof name === 'string' &&
    isCount(calls) &&
    isCount(errors) &&
    (client === undefined || typeof client === 'string') &&
    (clientVersion === undefined || typeof clientVersion === 'string')
  );
}

function isFrameEvent(value: unknown): value is FrameEvent {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    typeof value[1] === 'object' &&
    value[1] !== null
  );
}

/** As large as a writer's numbers can be: a sum of them stays a number that JSON can say. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
}
