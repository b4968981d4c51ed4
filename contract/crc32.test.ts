import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { crc32 } from './crc32.ts';

// Check values of the catalogue of CRC algorithms, and of RFC 3720.
test.each([
  ['nothing', '', 0],
  ['the nine digits', '123456789', 0xcbf43926],
  ['one letter', 'a', 0xe8b7be43],
  ['a sentence', 'The quick brown fox jumps over the lazy dog', 0x414fa339],
])('has the known value of %s', (_, text, expected) => {
  expect(crc32(Buffer.from(text))).toBe(expected);
});

it('is the CRC-32 of zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      expect(crc32(bytes)).toBe(zlibCrc32(bytes));
    }),
  );
});

it('reads only from start to end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(60), fc.nat(60), (bytes, one, other) => {
      const [start, end] = [one, other]
        .map((at) => at % (bytes.length + 1))
        .toSorted((a, b) => a - b);
      expect(crc32(bytes, start, end)).toBe(zlibCrc32(bytes.subarray(start, end)));
    }),
  );
});
