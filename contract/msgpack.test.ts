import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { describe, expect, it, test } from 'vitest';
import { packValues } from '../spec/support/frames.ts';
import { pack, type PackValue } from './msgpack.ts';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });

function packed(value: PackValue, room = 200_000): Uint8Array {
  const target = new Uint8Array(room);
  return target.slice(0, pack(value, target, 0));
}

describe('refuses', () => {
  test.each<[what: string, value: unknown]>([
    ['a fraction', 0.5],
    ['a negative number', -1],
    ['a number past 32 bits', 0x1_0000_0000],
    ['no number', NaN],
    ['an endless number', Infinity],
    ['a letter that is not ASCII', 'naïve'],
    ['a key that is not ASCII', { größe: 1 }],
    ['half of an emoji', '\ud83d'],
    ['a fraction deep inside', [{ a: [0, { b: 0.1 }] }]],
    ['a string whose length needs three bytes', 'a'.repeat(65_536)],
    ['a list whose length needs three bytes', Array(65_536).fill(null)],
  ])('%s', (_, value) => {
    expect(() => packed(value as PackValue)).toThrow(RangeError);
  });

  it('a target that is full, at every length that is too short', () => {
    fc.assert(
      fc.property(packValues, (value) => {
        const { length } = packed(value);
        for (let room = Math.max(0, length - 300); room < length; room++) {
          expect(() => packed(value, room)).toThrow('msgpack: target is full');
        }
        expect(packed(value, length)).toHaveLength(length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('writes as short as msgpack can', () => {
  const a = (length: number): string => 'a'.repeat(length);
  const list = (length: number): null[] => Array<null>(length).fill(null);
  const map = (length: number): Record<string, null> =>
    Object.fromEntries(list(length).map((_, index) => [String(index), null]));

  test.each<[what: string, value: PackValue, head: string]>([
    ['nothing', null, 'c0'],
    ['false', false, 'c2'],
    ['true', true, 'c3'],
    ['0', 0, '00'],
    ['127', 127, '7f'],
    ['128', 128, 'cc80'],
    ['255', 255, 'ccff'],
    ['256', 256, 'cd0100'],
    ['65535', 65_535, 'cdffff'],
    ['65536', 65_536, 'ce00010000'],
    ['the largest number', 0xffffffff, 'ceffffffff'],
    ['an empty string', '', 'a0'],
    ['31 letters', a(31), 'bf61'],
    ['32 letters', a(32), 'd92061'],
    ['255 letters', a(255), 'd9ff61'],
    ['256 letters', a(256), 'da010061'],
    ['65535 letters', a(65_535), 'daffff61'],
    ['an empty list', [], '90'],
    ['15 items', list(15), '9fc0'],
    ['16 items', list(16), 'dc0010c0'],
    ['65535 items', list(65_535), 'dcffffc0'],
    ['an empty map', {}, '80'],
    ['15 keys', map(15), '8fa130c0'],
    ['16 keys', map(16), 'de0010a130c0'],
  ])('%s', (_, value, head) => {
    const bytes = packed(value);
    expect(Buffer.from(bytes).toString('hex').slice(0, head.length)).toBe(head);
    expect(unpackr.unpack(bytes)).toEqual(value);
  });
});

it('writes what msgpackr reads as the same value', () => {
  fc.assert(
    fc.property(packValues, (value) => {
      expect(unpackr.unpack(packed(value, 8_000_000))).toEqual(value);
    }),
    { numRuns: 300 },
  );
});

it('writes at an offset and touches nothing before it', () => {
  const target = new Uint8Array(10).fill(0xee);
  expect(pack([1, 'a'], target, 3)).toBe(7);
  expect(Buffer.from(target).toString('hex')).toBe('eeeeee9201a161eeeeee');
});
