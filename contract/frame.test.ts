import fc from 'fast-check';
import { unpack } from 'msgpackr';
import { describe, expect, it, test } from 'vitest';
import { bufferOf, framed, frameOf, framesOf, joined, queries } from '../spec/support/frames.ts';
import { fromHex, readVectors } from '../spec/support/vectors.ts';
import {
  encodeFrame,
  type Frame,
  frameHeaderBytes,
  frameMark,
  readFrame,
  scanFrames,
} from './frame.ts';
import { maxFrameBytes } from './limits.ts';

const day = 20_780;
const frames = framesOf(day, day + 1);

/** The frames that a reader finds, and how many bytes it could not use. */
function read(bytes: Uint8Array): { found: readonly unknown[]; lostBytes: number } {
  const { payloads, damagedBytes, end, tailBytes } = scanFrames(bytes);
  expect(end + tailBytes).toBe(bytes.length);
  const found = payloads.map((payload) => readFrame(unpack(payload)));
  return { found, lostBytes: damagedBytes + tailBytes };
}

describe('knows no frame in', () => {
  const whole = encodeFrame(frameOf(day, [queries(1)]));
  const changed = (at: number, value: number): Uint8Array => whole.with(at, value);

  test.each<[what: string, bytes: Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a mark alone', Uint8Array.of(frameMark)],
    ['marks without end', new Uint8Array(5_000).fill(frameMark)],
    ['zeros', new Uint8Array(5_000)],
    ['a header alone', whole.subarray(0, frameHeaderBytes)],
    ['a frame without its last byte', whole.subarray(0, -1)],
    ['a frame without its mark', whole.subarray(1)],
    ['another mark', changed(0, 0xc0)],
    ['a length that is one too much', changed(4, whole[4]! + 1)],
    ['a length that is one too little', changed(4, whole[4]! - 1)],
    ['a wrong checksum', changed(8, whole[8]! ^ 1)],
    ['a payload with one bit turned', changed(12, whole[12]! ^ 0x80)],
    ['an empty payload with a right checksum', framed(new Uint8Array())],
    ['a payload of one byte too much', framed(new Uint8Array(maxFrameBytes + 1))],
  ])('%s', (_, bytes) => {
    expect(read(bytes)).toEqual({ found: [], lostBytes: bytes.length });
  });
});

describe('a payload is no frame when it is', () => {
  const good: readonly unknown[] = [1, day, [[0, 'query', 1, 0]], [], 0];
  const withCounter = (counter: unknown): unknown => [1, day, [counter], [], 0];

  it('except when it is one', () => {
    expect(readFrame(good)).toEqual(frameOf(day, [queries(1)]));
  });

  test.each<[what: string, value: unknown]>([
    ['null', null],
    ['a map', { 0: 1, 1: day, length: 5 }],
    ['shorter', good.slice(0, 4)],
    ['longer', [...good, 0]],
    ['of another version', good.with(0, 2)],
    ['without a day', good.with(1, null)],
    ['of half a day', good.with(1, 0.5)],
    ['of a day before 1970', good.with(1, -1)],
    ['of a day past 32 bits', good.with(1, 2 ** 32)],
    ['without a list of counters', good.with(2, {})],
    ['without a list of events', good.with(3, 'index')],
    ['of a loss that is no number', good.with(4, '1')],
    ['of a loss without end', good.with(4, 1e300)],
    ['with a counter of a third kind', withCounter([2, 'query', 1, 0])],
    ['with a counter without a name', withCounter([0, null, 1, 0])],
    ['with a counter that is too short', withCounter([0, 'query', 1])],
    ['with a counter that is too long', withCounter([0, 'query', 1, 0, 'zed', '1.0', ''])],
    ['with a count below zero', withCounter([0, 'query', -1, 0])],
    ['with a count that is no number', withCounter([0, 'query', '1', 0])],
    ['with errors that are a fraction', withCounter([0, 'query', 1, 0.5])],
    ['with a client that is no string', withCounter([0, 'query', 1, 0, 7])],
    ['with a version that is no string', withCounter([0, 'query', 1, 0, 'zed', 1.5])],
    ['with an event without props', good.with(3, [['index']])],
    ['with an event whose props are null', good.with(3, [['index', null]])],
    ['with an event whose name is no string', good.with(3, [[1, {}]])],
    ['with more behind an event', good.with(3, [['index', {}, 0]])],
  ])('%s', (_, value) => {
    expect(readFrame(value)).toBeUndefined();
  });
});

it('refuses to write a frame that no reader would take', () => {
  const counters = Array.from({ length: 7_000 }, () => queries(0));
  expect(() => encodeFrame(frameOf(day, counters))).toThrow(RangeError);
});

test.each(readVectors('frames'))('reads the golden vector $file', ({ vector }) => {
  const bytes = fromHex(vector.hex);
  expect(read(bytes)).toEqual({ found: vector.frames, lostBytes: vector.lost_bytes });
});

test.each(readVectors('frames').filter(({ vector }) => vector.lost_bytes === 0))(
  'writes the golden vector $file',
  ({ vector }) => {
    expect(bufferOf(...vector.frames)).toEqual(fromHex(vector.hex));
  },
);

it('reads what it writes', () => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 6 }), (written) => {
      expect(read(bufferOf(...written))).toEqual({ found: written, lostBytes: 0 });
    }),
  );
});

it('keeps every whole frame before a cut, at every byte', () => {
  fc.assert(
    fc.property(fc.array(frames, { minLength: 1, maxLength: 3 }), (written) => {
      const bytes = bufferOf(...written);
      const ends = written.map((_, index) => bufferOf(...written.slice(0, index + 1)).length);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const whole = ends.filter((end) => end <= cut).length;
        const lostBytes = cut - (ends[whole - 1] ?? 0);
        expect(read(bytes.subarray(0, cut))).toEqual({ found: written.slice(0, whole), lostBytes });
      }
    }),
    { numRuns: 20 },
  );
});

it('finds every whole frame in garbage, and nothing that was not written', () => {
  const mark = fc.constant(Uint8Array.of(frameMark));
  const header = fc
    .uint8Array({ minLength: 6, maxLength: 6 })
    .map((lengthAndSum) => Uint8Array.of(frameMark, 0, 0, ...lengthAndSum));
  const torn = fc
    .tuple(frames, fc.integer({ min: 1, max: 30 }))
    .map(([frame, cut]) => encodeFrame(frame).subarray(0, -cut));
  const garbage = fc.oneof(fc.uint8Array({ maxLength: 40 }), mark, header, torn);
  const part = fc.oneof(
    frames.map((frame) => ({ frame, bytes: encodeFrame(frame) })),
    garbage.map((bytes) => ({ frame: undefined, bytes })),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const written = parts.flatMap(({ frame }): readonly Frame[] => (frame ? [frame] : []));
      const bytes = joined(...parts.map((each) => each.bytes));
      expect(read(bytes)).toEqual({
        found: written,
        lostBytes: bytes.length - bufferOf(...written).length,
      });
    }),
    { numRuns: 300 },
  );
});
