import fc from 'fast-check';
import { crc32 } from '../../contract/crc32.ts';
import { type DayNumber, parseDay } from '../../contract/day.ts';
import { encodeFrame, type Frame, type FrameCounter, frameMark } from '../../contract/frame.ts';
import type { PackValue } from '../../contract/msgpack.ts';
import { clientNames, cliNames, toolNames } from '../../contract/report/lists.ts';

/** The number of a day that is written as `YYYY-MM-DD`. */
export function dayNamed(text: string): DayNumber {
  const day = parseDay(text);
  if (day === undefined) throw new RangeError(`no day: ${text}`);
  return day;
}

/** A frame with counters only, unless more is said. */
export function frameOf(
  day: DayNumber,
  counters: readonly FrameCounter[],
  more: Partial<Frame> = {},
): Frame {
  return { day, counters, events: [], dropped: 0, ...more };
}

/** So many uses of one command. */
export function queries(calls: number, errors = 0): FrameCounter {
  return [0, 'query', calls, errors];
}

/** Frames that are there once each. */
export function once(...frames: readonly Frame[]): (readonly [Frame, times: number])[] {
  return frames.map((frame) => [frame, 1]);
}

/** Bytes one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Frames as they stand in a buffer. */
export function bufferOf(...frames: readonly Frame[]): Uint8Array {
  return joined(...frames.map(encodeFrame));
}

/** A frame with a right length and checksum around whatever `payload` is. */
export function framed(payload: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(9));
  header.setUint8(0, frameMark);
  header.setUint32(1, payload.length);
  header.setUint32(5, crc32(payload));
  return joined(new Uint8Array(header.buffer), payload);
}

const uint32 = fc.oneof(
  fc.nat({ max: 300 }),
  fc.constantFrom(0, 127, 128, 255, 256, 65_535, 65_536, 0xffffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);

/** ASCII of any length up to three bytes of length. */
const ascii = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.constantFrom(0, 1, 31, 32, 33, 255, 256, 257, 65_535).map((length) => '~'.repeat(length)),
);

/** Every value that can be packed. */
export const packValues: fc.Arbitrary<PackValue> = fc.letrec<{ value: PackValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    uint32,
    ascii,
    fc.array(tie('value'), { maxLength: 20 }),
    // Plain objects cannot carry `__proto__` through either side.
    fc.dictionary(
      fc.string({ unit: 'binary-ascii', maxLength: 40 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 20 },
    ),
  ),
})).value;

const counters: fc.Arbitrary<FrameCounter> = fc
  .record({
    kindAndName: fc.oneof(
      fc.constantFrom(...cliNames).map((name) => [0, name] as const),
      fc.constantFrom(...toolNames).map((name) => [1, name] as const),
    ),
    calls: fc.integer({ min: 1, max: 1_000 }),
    errors: fc.nat({ max: 3 }),
    client: fc.constantFrom<(readonly string[])[]>(
      [],
      ...clientNames.slice(0, 4).flatMap((name) => [[name], [name, '1.0'], [name, '2.13']]),
    ),
  })
  .map(({ kindAndName: [kind, name], calls, errors, client }) => [
    kind,
    name,
    calls,
    Math.min(calls, errors),
    ...client,
  ]);

/** A frame as the main thread writes them, of one of these days. */
export function framesOf(...days: readonly DayNumber[]): fc.Arbitrary<Frame> {
  return fc.record({
    day: fc.constantFrom(...days),
    counters: fc.array(counters, { minLength: 1, maxLength: 5 }),
    events: fc.constant([]),
    dropped: fc.constant(0),
  });
}

/** A list whose every item is twice the one before it, by msgpackr's references. */
export function unfolding(items: number): Uint8Array {
  const reference = (type: number, id: number): number[] => [0xd6, type, 0, 0, 0, id];
  const item = (id: number): number[] => [
    ...reference(0x69, id),
    0x92,
    ...(id === 0 ? [0, 0] : [...reference(0x70, id - 1), ...reference(0x70, id - 1)]),
  ];
  return Uint8Array.from([
    0xdc,
    0,
    items,
    ...Array.from({ length: items }, (_, id) => item(id)).flat(),
  ]);
}
