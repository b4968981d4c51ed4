import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { IdSource } from './id-source.ts';

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test.each([0, 1, 15])('has no id in %i bytes', (length) => {
  const ids = new IdSource(new Uint8Array(length));
  expect(ids.remaining).toBe(0);
  expect(() => ids.take()).toThrow(RangeError);
});

it('makes one valid id of every sixteen bytes, and no two alike of other bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const before = bytes.slice();
      const ids = new IdSource(bytes);
      const expected = Math.floor(bytes.length / 16);
      expect(ids.remaining).toBe(expected);
      for (let taken = 1; taken <= expected; taken++) {
        expect(ids.take()).toMatch(uuidV4);
        expect(ids.remaining).toBe(expected - taken);
      }
      expect(bytes).toEqual(before);
    }),
  );
});

it('keeps all bits but the six of the version', () => {
  expect(new IdSource(new Uint8Array(16).fill(0xff)).take()).toBe(
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
  );
  expect(new IdSource(new Uint8Array(16)).take()).toBe('00000000-0000-4000-8000-000000000000');
});
