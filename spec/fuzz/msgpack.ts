import fc from 'fast-check';
import { joined, unfolding } from '../support/frames.ts';
import { damagedWords } from './words.ts';

/** Every form of number, at its edges, and the other values of one byte. */
function numbers(): readonly Uint8Array[] {
  const floats = [NaN, -0, 0, 1, 1.5, -1, 1e6, 1e6 + 1, 2 ** 32, 2 ** 53, 2 ** 64, 1e308, Infinity];
  const doubles = [...floats, -Infinity, 5e-324].map((value) =>
    head(0xcb, 8, (view) => view.setFloat64(1, value)),
  );
  const singles = floats.map((value) => head(0xca, 4, (view) => view.setFloat32(1, value)));
  const longs = [0n, 1n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
  const wide = longs.flatMap((value) =>
    [0xcf, 0xd3].map((type) => head(type, 8, (view) => view.setBigUint64(1, value))),
  );
  const narrow = [0xcc, 0xcd, 0xce, 0xd0, 0xd1, 0xd2].flatMap((type) => {
    const width = [1, 2, 4][(type - 0xcc) % 4] ?? 1;
    return [0x00, 0x7f, 0x80, 0xff].map((first) =>
      head(type, width, (view) => view.setUint8(1, first)),
    );
  });
  const single = [0x00, 0x01, 0x3f, 0x40, 0x7f, 0xe0, 0xff, 0xc0, 0xc1, 0xc2, 0xc3];
  return [...doubles, ...singles, ...wide, ...narrow, ...single.map((byte) => Uint8Array.of(byte))];
}

/** A type byte and so many more. */
function head(type: number, width: number, write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(1 + width));
  view.setUint8(0, type);
  write(view);
  return new Uint8Array(view.buffer);
}

// Names of the closed lists, second names, names of events; keys that mean something to JavaScript
// or to a frame; and what has no business in either.
const listed = [...damagedWords.commands, ...damagedWords.targets, ...damagedWords.languages];
const others = 'web daemons other install index uninstall usage_rollup'.split(' ');
const keys = '__proto__ constructor prototype toString hasOwnProperty length event'.split(' ');
const fields = 'targets languages props kind scope file_count_bucket duration_bucket'.split(' ');
const versions = ['1.0', '9999.99999', '1.0\n', '-1.0', '١.٠', '1.0-alice'];
const secrets = ['/home/alice/secret plan.md', 'alice@example.com', '\u0000', '\ud83d', '', '[]'];

const texts = fc
  .oneof(
    fc.constantFrom(...listed, ...others),
    fc.constantFrom(...keys, ...fields, ...versions, ...secrets),
    fc.string({ maxLength: 40 }),
    fc.constantFrom(31, 32, 140, 255, 256, 5_000).map((length) => 'x'.repeat(length)),
  )
  .map((text) => Buffer.from(text));

const lone = [[0xff], [0xc3], [0xed, 0xa0, 0x80]];
const overlong = [
  [0xc0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
];
const invalidUtf8 = fc.constantFrom(...lone, ...overlong);

/** Strings and bytes, of any content, in each form, and mostly with the right length. */
function strings(): fc.Arbitrary<Uint8Array> {
  const content = fc.oneof(
    { weight: 4, arbitrary: texts },
    invalidUtf8.map((bytes) => Buffer.from(bytes)),
  );
  const form = fc.constantFrom(0xa0, 0xd9, 0xda, 0xdb, 0xc4, 0xc5, 0xc6);
  const offBy = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1, 20));
  return fc
    .tuple(content, form, offBy)
    .map(([bytes, type, off]) => joined(lengthHead(type, Math.max(0, bytes.length + off)), bytes));
}

function lengthHead(type: number, length: number): Uint8Array {
  if (type === 0xa0 && length < 32) return Uint8Array.of(type | length);
  if ((type === 0xd9 || type === 0xc4) && length < 0x100) return Uint8Array.of(type, length);
  if ((type === 0xda || type === 0xc5) && length < 0x10000) {
    return head(type, 2, (view) => view.setUint16(1, length));
  }
  return head(type === 0xc6 ? 0xc6 : 0xdb, 4, (view) => view.setUint32(1, length));
}

/** Heads that claim more than there is. */
function claims(): fc.Arbitrary<Uint8Array> {
  const wide = fc.constantFrom(0xdb, 0xc6, 0xc9, 0xdd, 0xdf);
  const length = fc.constantFrom(0, 16, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff);
  return fc.oneof(
    fc
      .tuple(wide, length)
      .map(([type, claimed]) => head(type, 4, (view) => view.setUint32(1, claimed))),
    fc.constantFrom(0xda, 0xc5, 0xc8, 0xdc, 0xde).map((type) => Uint8Array.of(type, 0xff, 0xff)),
    fc.constantFrom(0x8f, 0x9f, 0xbf).map((type) => Uint8Array.of(type)),
  );
}

/** Something in itself, again and again; seldom so deep that it takes time to make. */
function nested(): fc.Arbitrary<Uint8Array> {
  const link = fc.constantFrom(
    [0x91],
    [0x81, 0xa1, 0x61],
    [0x92, 0x00],
    [0xd4, 0x73, 0x00],
    [0x81, 0x90],
    [0xdc, 0, 1],
  );
  const depth = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 2, max: 200 }) },
    { weight: 1, arbitrary: fc.constantFrom(2_000, 20_000) },
  );
  return fc
    .tuple(link, depth)
    .map(([bytes, times]) =>
      joined(Buffer.alloc(bytes.length * times, Uint8Array.from(bytes)), Uint8Array.of(0)),
    );
}

// Those of msgpackr, with records (0x72), and one that nobody knows.
const extensionTypes = [0x00, 0x42, 0x62, 0x65, 0x69, 0x70, 0x72, 0x73, 0x74, 0x78, 0xff, 0x21];

function extensions(item: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const type = fc.constantFrom(...extensionTypes);
  const fixed = fc.tuple(type, fc.nat({ max: 4 })).map(([known, size]) => {
    const number = head(0xd4 + size, 1 + 2 ** size, (view) => view.setUint8(1, known));
    // Ids of parts that stand for others, counted from zero.
    number[number.length - 1] = size === 2 ? 1 : 0;
    return number;
  });
  const free = fc
    .tuple(type, fc.uint8Array({ maxLength: 12 }))
    .map(([known, bytes]) => joined(Uint8Array.of(0xc7, bytes.length, known), bytes));
  return fc.oneof(
    fc.tuple(fixed, item).map(([bytes, next]) => joined(bytes, next)),
    free,
    fc.integer({ min: 2, max: 30 }).map(unfolding),
  );
}

function lists(item: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .array(item, { maxLength: 6 })
    .map((items) => joined(Uint8Array.of(0x90 | items.length), ...items));
}

function maps(item: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .array(fc.tuple(item, item), { maxLength: 6 })
    .map((entries) => joined(Uint8Array.of(0x80 | entries.length), ...entries.flat()));
}

/** A value of msgpack, or what claims to be one, as bytes: what our own encoder never writes. */
export const hostileItems: fc.Arbitrary<Uint8Array> = fc.letrec<{ item: Uint8Array }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 3 },
    { weight: 5, arbitrary: fc.constantFrom(...numbers()) },
    { weight: 4, arbitrary: strings() },
    { weight: 2, arbitrary: claims() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }) },
    { weight: 1, arbitrary: nested() },
    { weight: 2, arbitrary: extensions(tie('item')) },
    { weight: 2, arbitrary: lists(tie('item')) },
    { weight: 2, arbitrary: maps(tie('item')) },
  ),
})).item;
