const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Random UUIDs from bytes that the host has drawn; the sandbox has no randomness of its own. */
export class IdSource {
  readonly #bytes: Uint8Array;
  #next = 0;

  constructor(randomBytes: Uint8Array) {
    this.#bytes = randomBytes;
  }

  /** How many ids can still be taken. */
  get remaining(): number {
    return Math.floor((this.#bytes.length - this.#next) / 16);
  }

  /** @throws RangeError when no bytes are left. */
  take(): string {
    if (this.remaining === 0) throw new RangeError('ids: no random bytes left');
    const bytes = this.#bytes.slice(this.#next, this.#next + 16);
    this.#next += 16;
    // RFC 9562: version 4, variant 10.
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    let hex = '';
    for (const byte of bytes) hex += hexOfByte[byte]!;
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      hex.slice(12, 16),
      hex.slice(16, 20),
      hex.slice(20),
    ].join('-');
  }
}
