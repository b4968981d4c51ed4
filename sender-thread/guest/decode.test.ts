import { Packr } from 'msgpackr';
import { describe, expect, it, test } from 'vitest';
import {
  bufferOf,
  framed,
  frameOf,
  joined,
  queries,
  unfolding,
} from '../../spec/support/frames.ts';
import { fromHex, readVectors } from '../../spec/support/vectors.ts';
import { encodeFrame, type Frame } from '../../contract/frame.ts';
import { frameClaim } from '../frame-claim.ts';
import { decodeClaim } from './decode.ts';

const day = 20_780;
const one = frameOf(day, [queries(1)]);
const two = frameOf(day, [queries(2, 1)]);
const records = new Packr({ useRecords: true });
const plain = new Packr({ useRecords: false });
const values = [1, day, [[0, 'query', 1, 0]], [], 0];

// All right but for the form of the props.
const indexed = { languages: ['go'], file_count_bucket: '<100', duration_bucket: '<10s' };
const recordFrame = joined(
  plain.pack(values.slice(0, 3)).with(0, 0x95),
  Uint8Array.of(0x91, 0x92),
  plain.pack('index'),
  records.pack(indexed),
  Uint8Array.of(0),
);

/** What is found in the bytes of a claim: each frame as often as it is there. */
function decoded(
  bytes: Uint8Array,
  { offset = 0, isFinal = true, maxBytes = Infinity } = {},
): { frames: readonly Frame[]; damagedBytes: number; end: number; rest?: string } {
  const claim = decodeClaim(frameClaim({ name: 'claim-a', bytes, isFinal }), offset, maxBytes);
  const frames = Array.from(claim.frames, ([frame, times]) => Array<Frame>(times).fill(frame));
  const { damagedBytes, end, rest } = claim;
  return { frames: frames.flat(), damagedBytes, end, ...(rest !== 'none' && { rest }) };
}

describe('a payload with a right checksum is damage when it is', () => {
  test.each<[what: string, payload: Uint8Array]>([
    ['no msgpack', Uint8Array.of(0xc1, 0xc1, 0xc1)],
    ['cut off', plain.pack(values).subarray(0, -2)],
    ['followed by more', joined(plain.pack(values), plain.pack(0))],
    ['another value', plain.pack({ day })],
    ['of a version before the first', plain.pack(values.with(0, 0))],
    ['a record of msgpackr', records.pack({ a: 1, b: 2 })],
    ['nested without end', new Uint8Array(60_000).fill(0x91)],
    ['a list that claims to be long', Uint8Array.of(0xdd, 0x7f, 0xff, 0xff, 0xff)],
    ['a string that claims to be long', Uint8Array.of(0xdb, 0x7f, 0xff, 0xff, 0xff)],
    ['a date', plain.pack(new Date(0))],
    [
      'parts that stand for each other, to unfold 2**40 times',
      joined(unfolding(40), Uint8Array.of(0)),
    ],
    ['a frame with a record in it', recordFrame],
  ])('%s', (_, payload) => {
    const bytes = joined(encodeFrame(one), framed(payload), encodeFrame(two));
    expect(decoded(bytes)).toEqual({
      frames: [one, two],
      damagedBytes: payload.length,
      end: bytes.length,
    });
  });
});

it('knows no extension', () => {
  const start = plain.pack(values.slice(0, 2)).with(0, 0x95);
  const withName = (...name: readonly number[]): Uint8Array =>
    framed(joined(start, Uint8Array.of(0x91, 0x94, 0, ...name, 1, 0, 0x90, 0)));
  const read = (bytes: Uint8Array): readonly unknown[] => decoded(bytes).frames;
  expect(read(withName(...plain.pack('query')))).toEqual([one]);
  for (let type = 0; type < 256; type++) {
    expect(read(withName(0xd4, type, 0))).toEqual([]);
    expect(read(withName(0xd5, type, 0, 0))).toEqual([]);
    expect(read(withName(0xc7, 0, type))).toEqual([]);
  }
});

it('gives no object a prototype that the bytes name', () => {
  const event = ['index', JSON.parse('{"__proto__":{"isAdmin":true},"languages":["go"]}')];
  const { frames } = decoded(framed(plain.pack(values.with(3, [event]))));
  const props = frames[0]?.events[0]?.[1];
  expect(Object.getPrototypeOf(props)).toBe(Object.prototype);
  expect(props).not.toHaveProperty('isAdmin');
});

describe('bytes behind the last whole frame', () => {
  const whole = encodeFrame(one);
  const half = encodeFrame(two).subarray(0, 12);
  const bytes = joined(whole, half);

  it('are left for a later look while somebody may be writing them', () => {
    expect(decoded(bytes, { isFinal: false })).toEqual({
      frames: [one],
      damagedBytes: 0,
      end: whole.length,
    });
  });

  it('are damage when nobody can', () => {
    expect(decoded(bytes)).toEqual({
      frames: [one],
      damagedBytes: half.length,
      end: bytes.length,
    });
  });

  it('become a frame when the rest arrives', () => {
    const later = joined(whole, encodeFrame(two));
    expect(decoded(later, { offset: whole.length, isFinal: false }).frames).toEqual([two]);
  });
});

test.each<[what: string, offset: number]>([
  ['at its end', bufferOf(one).length],
  ['behind its end, as after somebody cut it off', 1_000],
])('nothing is left in a claim that was absorbed up to a point %s', (_, offset) => {
  const { frames, damagedBytes } = decoded(bufferOf(one), { offset });
  expect({ frames, damagedBytes }).toEqual({ frames: [], damagedBytes: 0 });
});

it('gives every frame, also where short ones are alike byte by byte', () => {
  const long = frameOf(
    day,
    Array.from({ length: 20 }, (_, calls) => queries(calls)),
  );
  const frames = [one, two, one, long, one, long, two];
  const inOrder = [one, one, one, two, two, long, long];
  expect(decoded(bufferOf(...frames)).frames).toEqual(inOrder);
});

test.each(readVectors('frames'))('decodes the golden vector $file', ({ vector }) => {
  const bytes = fromHex(vector.hex);
  expect(decoded(bytes)).toEqual({
    frames: vector.frames,
    damagedBytes: vector.lost_bytes,
    end: bytes.length,
  });
});

describe('a frame of a newer version', () => {
  const newer = framed(joined(plain.pack(values.with(0, 2)), Uint8Array.of(0xc0)));

  test.each([true, false])('is left alone, with what follows it (final: %s)', (isFinal) => {
    const head = bufferOf(one);
    expect(decoded(joined(head, newer, bufferOf(two)), { isFinal })).toEqual({
      frames: [one],
      damagedBytes: 0,
      end: head.length,
      rest: 'newer',
    });
  });
});

it('decodes a bounded part at a time, at least one frame, and alike ones together', () => {
  const bytes = bufferOf(one, one, two, one);
  const first = decoded(bytes, { maxBytes: 1 });
  expect(first).toEqual({
    frames: [one, one],
    damagedBytes: 0,
    end: 2 * bufferOf(one).length,
    rest: 'cut',
  });
  const second = decoded(bytes, { maxBytes: 1, offset: first.end });
  expect(second).toMatchObject({ frames: [two], rest: 'cut' });
  expect(decoded(bytes, { maxBytes: 1, offset: second.end })).toEqual({
    frames: [one],
    damagedBytes: 0,
    end: bytes.length,
  });
});
