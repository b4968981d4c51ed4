/** What a frame is made of: JSON's values, with unsigned integers and ASCII strings only. */
export type PackValue =
  | null
  | boolean
  | number
  | string
  | readonly PackValue[]
  | { readonly [key: string]: PackValue };

/**
 * Writes `value` as standard msgpack into `target` at `offset`; returns the offset behind it.
 *
 * The main thread's only encoder. It exists because msgpackr's packer costs the host 3 ms to load
 * on its exit path, for values as plain as these; a property test reads all of it back with
 * msgpackr, which is what the sandbox decodes with.
 *
 * @throws RangeError when `target` is full, a number is not an unsigned 32-bit integer, a string is
 * not ASCII (closed-list names and version tokens are), or a length does not fit into two bytes.
 */
export function pack(value: PackValue, target: Uint8Array, offset: number): number {
  if (offset >= target.length) throw new RangeError('msgpack: target is full');
  if (value === null) return writeByte(0xc0, target, offset);
  if (typeof value === 'boolean') return writeByte(value ? 0xc3 : 0xc2, target, offset);
  if (typeof value === 'number') return packUnsigned(value, target, offset);
  if (typeof value === 'string') return packString(value, target, offset);
  return isList(value) ? packList(value, target, offset) : packMap(value, target, offset);
}

function packUnsigned(value: number, target: Uint8Array, offset: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new RangeError('msgpack: expected an unsigned 32-bit integer');
  }
  if (value < 0x80) return writeByte(value, target, offset);
  if (value < 0x100) return writeHead(0xcc, 1, value, target, offset);
  if (value < 0x10000) return writeHead(0xcd, 2, value, target, offset);
  return writeHead(0xce, 4, value, target, offset);
}

function packString(value: string, target: Uint8Array, offset: number): number {
  const start =
    value.length < 32
      ? writeByte(0xa0 | value.length, target, offset)
      : value.length < 0x100
        ? writeHead(0xd9, 1, value.length, target, offset)
        : writeHead(0xda, 2, value.length, target, offset);
  if (start + value.length > target.length) throw new RangeError('msgpack: target is full');
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code > 0x7f) throw new RangeError('msgpack: expected ASCII');
    target[start + at] = code;
  }
  return start + value.length;
}

function packList(value: readonly PackValue[], target: Uint8Array, offset: number): number {
  let at =
    value.length < 16
      ? writeByte(0x90 | value.length, target, offset)
      : writeHead(0xdc, 2, value.length, target, offset);
  for (const item of value) at = pack(item, target, at);
  return at;
}

function packMap(
  value: { readonly [key: string]: PackValue },
  target: Uint8Array,
  offset: number,
): number {
  const entries = Object.entries(value);
  let at =
    entries.length < 16
      ? writeByte(0x80 | entries.length, target, offset)
      : writeHead(0xde, 2, entries.length, target, offset);
  for (const [key, item] of entries) at = pack(item, target, packString(key, target, at));
  return at;
}

function isList(value: object): value is readonly PackValue[] {
  return Array.isArray(value);
}

function writeByte(byte: number, target: Uint8Array, offset: number): number {
  target[offset] = byte;
  return offset + 1;
}

/** A type byte and a big-endian unsigned number of `width` bytes. */
function writeHead(
  type: number,
  width: 1 | 2 | 4,
  value: number,
  target: Uint8Array,
  offset: number,
): number {
  if (value >= 2 ** (8 * width)) throw new RangeError('msgpack: too long');
  if (offset + 1 + width > target.length) throw new RangeError('msgpack: target is full');
  target[offset] = type;
  for (let byte = 0; byte < width; byte++) {
    target[offset + 1 + byte] = (value >>> (8 * (width - 1 - byte))) & 0xff;
  }
  return offset + 1 + width;
}
