import { numberMark, readExactNumber, TextDigest } from './call-id.ts';
import { type Fields, idPlace, maxTextLength, messagePlace, type Place } from './message.ts';

/** An object that is looked at, as far as it was read. */
interface Level {
  readonly place: Place;
  readonly object: Record<string, unknown>;
}

// Every unit of a text may be spelled in six bytes: \u0041.
const maxTokenBytes = 6 * maxTextLength;

/** Stands for a value that was not kept; no reader of a message takes a text of this length. */
const tooLong = '\0'.repeat(maxTextLength + 1);

// A search by hand costs about a nanosecond a byte, and one by `indexOf` sixty to begin with: most
// strings of structured results are over before it pays, most strings of code are not.
const nearBytes = 48;

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;

/**
 * Finds what counting needs in a stream of newline-delimited JSON, without holding a line or
 * parsing a value: what is not looked at is passed over by its quotes and brackets, and only the
 * scalars at `messagePlace` are kept, each in bounded memory. A newline starts anew, so that
 * nothing that is not JSON can confuse more than its own line.
 */
export class MessageScanner {
  readonly #onMessage: (message: Fields) => void;
  /** What the next byte belongs to. */
  #mode: 'structure' | 'text' | 'scalar' | 'passedOver' | 'restOfLine' = 'structure';
  #isLineStart = true;
  /** Whether the elements of an array are the messages. */
  #isBatch = false;
  /** The objects that are open, from the message inwards; none that is passed over. */
  #path: Level[] = [];
  #isKeyNext = false;
  #key = '';
  /** Where the value that comes next stands; undefined for one that is passed over. */
  #place: Place | undefined;
  /** The text or scalar that is kept, as it is spelled. */
  readonly #token = Buffer.allocUnsafe(maxTokenBytes);
  #tokenBytes = 0;
  #isTokenTooLong = false;
  /** Of an id that is longer than a token: what went before. */
  #digest: TextDigest | undefined;
  /** Of the value that is passed over: its open brackets, and whether one of its strings is open. */
  #depth = 0;
  #isInString = false;
  /** Whether the next byte of a string is escaped. */
  #isEscaped = false;

  constructor(onMessage: (message: Fields) => void) {
    this.#onMessage = onMessage;
  }

  /** Looks at the next bytes. Lines that begin while `isBoring()` holds are passed over whole. */
  push(chunk: Buffer, isBoring: () => boolean = () => false): void {
    let at = 0;
    while (at < chunk.length) {
      // Spares blank lines, and the one behind each CRLF, the search for their end.
      const found = chunk[at] === newline ? at : chunk.indexOf(newline, at);
      const end = found === -1 ? chunk.length : found;
      if (at < end) this.#scanLine(chunk, at, end, isBoring);
      if (found !== -1 && !this.#isLineStart) this.#startLine();
      at = end + 1;
    }
  }

  #startLine(): void {
    this.#mode = 'structure';
    this.#isLineStart = true;
    this.#isBatch = false;
    this.#path = [];
    this.#place = undefined;
    this.#isEscaped = false;
  }

  #scanLine(chunk: Buffer, start: number, end: number, isBoring: () => boolean): void {
    let at = start;
    if (this.#isLineStart) {
      // Blanks may come long before the message, and before what it answers.
      while (at < end && chunk[at]! <= 0x20) at++;
      if (at === end) return;
      this.#isLineStart = false;
      if (isBoring()) this.#mode = 'restOfLine';
    }
    while (at < end) {
      switch (this.#mode) {
        case 'structure':
          at = this.#scanStructure(chunk, at, end);
          break;
        case 'text':
          at = this.#scanText(chunk, at, end);
          break;
        case 'scalar':
          at = this.#scanScalar(chunk, at, end);
          break;
        case 'passedOver':
          at = this.#passOver(chunk, at, end);
          break;
        case 'restOfLine':
          return;
      }
    }
  }

  /** Scans between the values of the objects that are looked at, up to where something begins. */
  #scanStructure(chunk: Buffer, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = chunk[at]!;
      switch (byte) {
        case quote:
          this.#openString();
          return at + 1;
        case 0x7b: // {
        case 0x5b: // [
          this.#openContainer(byte === 0x7b);
          return at + 1;
        case 0x7d: // }
        case 0x5d: // ]
          this.#closeContainer();
          return at + 1;
        case 0x2c: // ,
          this.#isKeyNext = true;
          break;
        case 0x3a: // :
          this.#isKeyNext = false;
          break;
        default:
          // A number or a literal; blanks are below all of them.
          if (byte > 0x20 && (this.#place !== undefined || this.#isOutside)) {
            this.#openScalar();
            return at;
          }
      }
    }
    return end;
  }

  /** Whether neither a message nor a batch has begun. */
  get #isOutside(): boolean {
    return this.#path.length === 0 && !this.#isBatch;
  }

  #openString(): void {
    const isKey = this.#path.length > 0 && this.#isKeyNext;
    if (this.#isOutside) this.#mode = 'restOfLine';
    else if (isKey || this.#place !== undefined) this.#startToken('text');
    else this.#startPassingOver(0);
  }

  #openScalar(): void {
    // What begins like this is no message: a server's log, for one.
    if (this.#isOutside) this.#mode = 'restOfLine';
    else this.#startToken('scalar');
  }

  #openContainer(isObject: boolean): void {
    const parent = this.#path.at(-1);
    const place = parent === undefined ? messagePlace : this.#place;
    if (parent === undefined && !isObject && !this.#isBatch) {
      this.#isBatch = true;
      return;
    }
    const object = {};
    if (place !== undefined && parent !== undefined) parent.object[this.#key] = object;
    if (isObject && place !== undefined && place.size > 0) {
      this.#path.push({ place, object });
      this.#isKeyNext = true;
    } else {
      this.#startPassingOver(1);
    }
    this.#place = undefined;
  }

  #closeContainer(): void {
    const level = this.#path.pop();
    this.#place = undefined;
    // Behind a message, a batch, or a bracket that closes nothing.
    if (this.#isOutside || level === undefined) this.#mode = 'restOfLine';
    if (level !== undefined && this.#path.length === 0) this.#onMessage(level.object);
  }

  #startToken(mode: 'text' | 'scalar'): void {
    this.#mode = mode;
    this.#tokenBytes = 0;
    this.#isTokenTooLong = false;
    this.#digest = undefined;
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#isTokenTooLong) {
      const kept = chunk.copy(this.#token, this.#tokenBytes, at, end);
      this.#tokenBytes += kept;
      at += kept;
      if (at === end) return;
      if (this.#place === idPlace && !this.#isKeyNext) this.#digestToken();
      else this.#isTokenTooLong = true;
    }
  }

  /** Makes room in the token of an id, up to a character or an escape that is cut. */
  #digestToken(): void {
    const isText = this.#mode === 'text';
    const length = isText ? wholeLength(this.#token, this.#tokenBytes) : this.#tokenBytes;
    const raw = this.#token.toString(isText ? 'utf8' : 'latin1', 0, length);
    this.#digest ??= startDigest(isText);
    this.#digest.add(isText ? String(readText(raw)) : raw);
    this.#token.copyWithin(0, length, this.#tokenBytes);
    this.#tokenBytes -= length;
  }

  /** The text or scalar is over. */
  #endToken(value: unknown): void {
    this.#mode = 'structure';
    const level = this.#path.at(-1);
    if (level === undefined) return;
    if (!this.#isKeyNext) {
      // As in `JSON.parse`, the last value of a key wins.
      if (this.#place !== undefined) level.object[this.#key] = value;
      this.#place = undefined;
    } else if (typeof value === 'string') {
      this.#key = value;
      this.#place = level.place.get(value);
    }
  }

  #scanText(chunk: Buffer, start: number, end: number): number {
    const found = this.#findStringEnd(chunk, start, end);
    this.#keep(chunk, start, found === -1 ? end : found);
    if (found === -1) return end;
    this.#endToken(this.#readDigest() ?? readText(this.#readToken('utf8')));
    return found + 1;
  }

  #scanScalar(chunk: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !isDelimiter(chunk[at]!)) at++;
    this.#keep(chunk, start, at);
    if (at === end) return end;
    this.#endToken(this.#readDigest() ?? readScalar(this.#readToken('latin1'), this.#place));
    return at;
  }

  /** What stands for a token that is too long; undefined for one that is not. */
  #readDigest(): string | undefined {
    if (this.#isTokenTooLong) return tooLong;
    if (this.#digest === undefined) return undefined;
    this.#digestToken();
    return this.#digest.value;
  }

  #readToken(encoding: 'utf8' | 'latin1'): string {
    return this.#token.toString(encoding, 0, this.#tokenBytes);
  }

  /** Passes over a string, or a container that has so many brackets open. */
  #startPassingOver(depth: 0 | 1): void {
    this.#mode = 'passedOver';
    this.#depth = depth;
    this.#isInString = depth === 0;
  }

  #passOver(chunk: Buffer, start: number, end: number): number {
    let at = this.#isInString ? this.#passString(chunk, start, end) : start;
    let depth = this.#depth;
    while (at < end && depth > 0) {
      const byte = chunk[at++]!;
      // Brackets of both kinds differ in this bit.
      const bracket = byte | 0x20;
      if (byte === quote) at = this.#passString(chunk, at, end);
      else if (bracket === 0x7b) depth += 1;
      else if (bracket === 0x7d) depth -= 1;
    }
    this.#depth = depth;
    if (depth === 0 && !this.#isInString) this.#mode = 'structure';
    return at;
  }

  #passString(chunk: Buffer, start: number, end: number): number {
    const found = this.#findStringEnd(chunk, start, end);
    this.#isInString = found === -1;
    return found === -1 ? end : found + 1;
  }

  /** Where the string that is open ends, by its closing quote; -1 if it goes on behind `end`. */
  #findStringEnd(chunk: Buffer, start: number, end: number): number {
    let at = this.#isEscaped ? start + 1 : start;
    this.#isEscaped = false;
    for (;;) {
      const near = Math.min(at + nearBytes, end);
      while (at < near) {
        const byte = chunk[at]!;
        if (byte === quote) return at;
        at += byte === backslash ? 2 : 1;
      }
      const found = at < end ? chunk.indexOf(quote, at) : -1;
      const stop = found === -1 || found > end ? end : found;
      const isEscaped = at > end || countBackslashes(chunk, at, stop) % 2 === 1;
      if (stop === end) {
        this.#isEscaped = isEscaped;
        return -1;
      }
      if (!isEscaped) return stop;
      at = stop + 1;
    }
  }
}

/** How many backslashes stand before `stop`, back to `start` at most. */
function countBackslashes(bytes: Buffer, start: number, stop: number): number {
  let at = stop;
  while (at > start && bytes[at - 1] === backslash) at -= 1;
  return stop - at;
}

function startDigest(isText: boolean): TextDigest {
  const digest = new TextDigest();
  if (!isText) digest.add(numberMark);
  return digest;
}

/** How many of the bytes of a string are whole characters and escapes: all but five at the most. */
function wholeLength(bytes: Buffer, length: number): number {
  const escape = bytes.lastIndexOf(backslash, length - 1);
  const isOpen = escape >= 0 && countBackslashes(bytes, 0, escape + 1) % 2 === 1;
  if (isOpen && escape + (bytes[escape + 1] === 0x75 ? 6 : 2) > length) return escape;
  let start = length - 1;
  // Bytes that go on with a character, back to the one that begins it.
  while (start > length - 4 && (bytes[start]! & 0xc0) === 0x80) start--;
  const lead = bytes[start]!;
  const size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return start + size > length ? start : length;
}

function readText(raw: string): unknown {
  return raw.includes('\\') ? readScalar(`"${raw}"`) : raw;
}

/** A value of a kilobyte at most, cut out of the stream; undefined when it is none. */
function readScalar(raw: string, place?: Place): unknown {
  try {
    return place === idPlace ? readExactNumber(raw) : JSON.parse(raw);
  } catch {
    // Half a literal, or an escape that there is none: then the line is not JSON.
    return undefined;
  }
}

/** What ends a number or a literal. */
function isDelimiter(byte: number): boolean {
  return byte === 0x2c || byte === 0x7d || byte === 0x5d || byte <= 0x20;
}
