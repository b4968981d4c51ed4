// A table of 16 entries instead of 256: built in a microsecond, and a frame is some 100 bytes.
const nibbleTable = Uint32Array.from({ length: 16 }, (_, nibble) => {
  let remainder = nibble;
  for (let bit = 0; bit < 4; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});

/** CRC-32 (IEEE 802.3, as in zlib) of `bytes[start, end)`, unsigned. */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at++) {
    crc ^= bytes[at]!;
    crc = (crc >>> 4) ^ nibbleTable[crc & 15]!;
    crc = (crc >>> 4) ^ nibbleTable[crc & 15]!;
  }
  return ~crc >>> 0;
}
