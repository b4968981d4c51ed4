/**
 * A JSON-RPC id as far as it is needed to find the call that a reply answers. Number and numeral
 * string are two ids. A whole number that JavaScript cannot hold is a bigint.
 */
export type CallId = string | number | bigint | null;

// UUIDs and the like are below; of longer ones a digest is kept, so that no call takes more than this.
const maxKeptLength = 64;

/** Tells the digest of a number from that of its numeral. */
export const numberMark = '#';

/** The id that a value of a message stands for; undefined when it is none. */
export function readCallId(value: unknown): CallId | undefined {
  if (typeof value === 'string') return value.length > maxKeptLength ? digestOf(value) : value;
  const isId = typeof value === 'number' || typeof value === 'bigint' || value === null;
  return isId ? value : undefined;
}

/**
 * A number as it is spelled: a whole one that JavaScript would round keeps all its digits.
 *
 * @throws SyntaxError when it is not JSON.
 */
export function readExactNumber(spelling: string): unknown {
  const isWhole = /^-?[1-9]\d*$/.test(spelling);
  if (!isWhole || Number.isSafeInteger(Number(spelling))) return JSON.parse(spelling);
  return spelling.length > maxKeptLength ? digestOf(numberMark + spelling) : BigInt(spelling);
}

function digestOf(text: string): string {
  const digest = new TextDigest();
  digest.add(text);
  return digest.value;
}

/**
 * Stands for a text of any length, which may come in parts. 64 bits and the length: whoever makes two
 * texts of one digest has only their own calls counted under each other's name.
 */
export class TextDigest {
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;
  #length = 0;

  add(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      this.#low = Math.imul(this.#low ^ unit, 0x01000193);
      this.#high = Math.imul(this.#high ^ unit, 0x85ebca6b) ^ (this.#high >>> 13);
    }
    this.#length += text.length;
  }

  /** Not a text that could be an id in plain words. */
  get value(): string {
    return `\0${this.#low >>> 0} ${this.#high >>> 0} ${this.#length}`;
  }
}
