import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeFrame } from '../contract/frame.ts';
import { bufferOf, framed, frameOf, framesOf, joined, queries } from '../spec/support/frames.ts';
import type { FramedClaim } from '../contract/sandbox.ts';
import { frameClaim } from './frame-claim.ts';

const day = 20_780;

it('says of each frame what is in it and where it ends, whatever stands between them', () => {
  const noise = fc
    .uint8Array({ maxLength: 12 })
    .map((bytes) => bytes.filter((byte) => byte < 0xc0));
  const parts = fc.array(fc.tuple(framesOf(day, day + 1).map(encodeFrame), noise), {
    maxLength: 9,
  });
  const repeated = parts.map((some) => [...some, ...some]);
  fc.assert(
    fc.property(repeated, noise, (written, before) => {
      let end = before.length;
      const expected = written.map(([frame, behind]) => {
        end += frame.length;
        const place = { bytes: frame, end };
        end += behind.length;
        return place;
      });
      const bytes = joined(before, ...written.flat());
      // As a claim is read: a part of a larger piece of memory.
      const claim = frameClaim({
        name: 'claim-a',
        bytes: joined(Uint8Array.of(1, 2, 3), bytes).subarray(3),
        isFinal: false,
      });

      expect(claim).toMatchObject({ name: 'claim-a', isFinal: false, size: bytes.length });
      expect(placesIn(claim)).toEqual(expected);
    }),
  );
});

it('lets short frames that are alike cross once', () => {
  const [one, two] = [1, 2].map((calls) => bufferOf(frameOf(day, [queries(calls)])));
  const { payloadEnds } = frameClaim({
    name: 'claim-a',
    bytes: joined(one!, two!, one!, one!, two!),
    isFinal: true,
  });
  expect(payloadEnds.byteLength / Uint32Array.BYTES_PER_ELEMENT).toBe(2);
});

/** The frames that a claim crosses with, put together again. */
function placesIn({
  payloads,
  payloadEnds,
  frames,
}: FramedClaim): readonly { bytes: Uint8Array; end: number }[] {
  const ends = Array.from(new Uint32Array(payloadEnds));
  const numbers = Array.from(new Uint32Array(frames));
  return Array.from({ length: numbers.length / 2 }, (_, at) => {
    const [index, end] = numbers.slice(2 * at, 2 * at + 2) as [number, number];
    return { bytes: framed(payloads.subarray(ends[index - 1] ?? 0, ends[index])), end };
  });
}
