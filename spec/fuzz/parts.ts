import fc from 'fast-check';
import { encodeFrame, type Frame, frameMark } from '../../contract/frame.ts';
import { framed, frameOf, joined } from '../support/frames.ts';
import { framesOf, today } from './frames.ts';
import { hostileItems } from './msgpack.ts';
import { changedPayloads } from './tokens.ts';
import { damagedWords, intactWords } from './words.ts';

/** A run of bytes in a claim. */
export interface Part {
  readonly bytes: Uint8Array;
  /** The frame that the bytes are, where nothing has happened to it. */
  readonly intact?: Frame;
}

/** What the guest behind the wall is made to die of, when it stands in a claim. */
export const poisons = ['poison-stack', 'poison-memory'] as const;

const whole = framesOf(damagedWords).map(encodeFrame);

/** Bytes that no reader has any business with, or that look like more than they are. */
const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 1, max: 12 }).map((marks) => new Uint8Array(marks).fill(frameMark)),
  fc.integer({ min: 1, max: 200 }).map((zeros) => new Uint8Array(zeros)),
  fc
    .tuple(fc.constantFrom(0, 1, 9, 40, 300, 65_536, 65_537, 0xffffffff), fc.nat())
    .map(([length, sum]) => headOf(length, sum)),
);

function headOf(length: number, checksum: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(9));
  head.setUint8(0, frameMark);
  head.setUint32(1, length);
  head.setUint32(5, checksum);
  return new Uint8Array(head.buffer);
}

/** Frames that were whole before something happened to their bytes. */
const broken = fc
  .tuple(whole, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('flip', 'head', 'tail'))
  .map(([bytes, place, bits, what]) => {
    const at = place % bytes.length;
    if (what === 'flip') return bytes.with(at, bytes[at]! ^ bits);
    return what === 'head' ? bytes.subarray(at + 1) : bytes.subarray(0, at);
  });

/** A right length and checksum around anything. */
const sealed = fc
  .oneof(
    { weight: 8, arbitrary: changedPayloads(framesOf(damagedWords)) },
    { weight: 2, arbitrary: hostileItems },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    { weight: 1, arbitrary: fc.tuple(garbage, whole, garbage).map((all) => joined(...all)) },
  )
  .map(framed);

/** More versions of clients than a day has room for, in one frame of an intact day. */
const crowd = fc.integer({ min: 0, max: 3 }).map((ago) =>
  encodeFrame(
    frameOf(
      today - ago,
      Array.from({ length: 2_100 }, (_, number) => [
        0,
        'sync',
        1,
        0,
        'zed',
        `${number % 50}.${number}`,
      ]),
    ),
  ),
);

const poison = fc
  .constantFrom(...poisons)
  .map((word) => encodeFrame(frameOf(today, [[0, word, 1, 0]])));

const damage = fc.oneof(
  { weight: 1_200, arbitrary: sealed },
  { weight: 400, arbitrary: broken },
  { weight: 300, arbitrary: garbage },
  { weight: 100, arbitrary: whole },
  { weight: 20, arbitrary: poison },
  { weight: 1, arbitrary: crowd },
);

const intact = fc
  .tuple(framesOf(intactWords), fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.constant(2)))
  .map(([frame, times]): Part[] =>
    Array.from({ length: times }, () => ({ bytes: encodeFrame(frame), intact: frame })),
  );

/** What stands in a claim, from its beginning to its end. */
export const parts: fc.Arbitrary<readonly Part[]> = fc
  .array(
    fc.oneof(
      intact,
      damage.map((bytes): Part[] => [{ bytes }]),
    ),
    { maxLength: 4 },
  )
  .map((runs) => runs.flat());
