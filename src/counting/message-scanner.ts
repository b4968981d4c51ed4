import type { Client } from './counters.ts';
import type { CallId } from './open-calls.ts';

/** What a JSON-RPC message tells of tool calls; everything else in it is passed over unread. */
export interface ScannedMessage {
  /** Undefined when the message has no id. */
  readonly id: CallId | undefined;
  readonly method: string | undefined;
  /** `params.name`. */
  readonly name: string | undefined;
  /** `params.requestId`, of a cancellation. */
  readonly requestId: CallId | undefined;
  /** `params.clientInfo`, of an `initialize`. */
  readonly client: Client | undefined;
  /** `params._meta["io.modelcontextprotocol/clientInfo"]`. */
  readonly requestClient: Client | undefined;
  readonly hasResult: boolean;
  readonly hasError: boolean;
  /** `result.isError` is true. */
  readonly isError: boolean;
  /** `result.resultType`. */
  readonly resultType: string | undefined;
}

/** A place in a message that is looked at, and the ones below it. */
interface Place {
  /** Under which its value is noted; undefined for a place that only leads to others. */
  readonly slot?: Slot;
  readonly below?: ReadonlyMap<string, Place>;
}

type Slot =
  | 'id'
  | 'method'
  | 'name'
  | 'requestId'
  | 'clientName'
  | 'clientVersion'
  | 'requestClientName'
  | 'requestClientVersion'
  | 'result'
  | 'error'
  | 'isError'
  | 'resultType';

function places(entries: Readonly<Record<string, Place>>): ReadonlyMap<string, Place> {
  return new Map(Object.entries(entries));
}

const message: Place = {
  below: places({
    id: { slot: 'id' },
    method: { slot: 'method' },
    error: { slot: 'error' },
    result: {
      slot: 'result',
      below: places({ isError: { slot: 'isError' }, resultType: { slot: 'resultType' } }),
    },
    params: {
      below: places({
        name: { slot: 'name' },
        requestId: { slot: 'requestId' },
        clientInfo: {
          below: places({ name: { slot: 'clientName' }, version: { slot: 'clientVersion' } }),
        },
        _meta: {
          below: places({
            'io.modelcontextprotocol/clientInfo': {
              below: places({
                name: { slot: 'requestClientName' },
                version: { slot: 'requestClientVersion' },
              }),
            },
          }),
        },
      }),
    },
  }),
};

// The longest key that is looked for has 34 characters, and six times that when every one of them
// is escaped; ids and names of a kilobyte are nobody's. What is longer is not kept.
const maxTokenBytes = 1_024;

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;

/**
 * Finds what counting needs in a stream of newline-delimited JSON, without holding a line or
 * parsing a value: brackets are counted, strings skipped by their closing quote, and only the
 * scalars at the places above are kept, each in bounded memory. A raw newline starts anew, so that
 * nothing that is not JSON can confuse more than its own line.
 */
export class MessageScanner {
  readonly #onMessage: (message: ScannedMessage) => void;
  readonly #token = Buffer.allocUnsafe(maxTokenBytes);
  #tokenBytes = 0;
  #isTokenTooLong = false;
  #mode: 'structure' | 'skippedString' | 'keptString' | 'keptScalar' | 'restOfLine' = 'structure';
  /** Whether the bytes so far of a string end in the middle of an escape. */
  #isEscaped = false;
  #depth = 0;
  /** 1 inside a batch, whose elements are the messages. */
  #rootDepth = 0;
  /** Objects from the message inwards that are looked at; the innermost is at `#depth` or above. */
  #path: Place[] = [];
  #isKeyNext = false;
  /** Where the value that comes next stands; undefined for one that is passed over. */
  #place: Place | undefined;
  #found = new Map<Slot, string>();

  constructor(onMessage: (message: ScannedMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** Looks at the next bytes. Lines that begin while `isBoring()` holds are passed over whole. */
  push(chunk: Buffer, isBoring: () => boolean): void {
    let at = 0;
    let lineEnd = chunk.indexOf(newline);
    while (at < chunk.length) {
      if (this.#isAtLineStart && isBoring()) this.#mode = 'restOfLine';
      const end = lineEnd === -1 ? chunk.length : lineEnd;
      this.#scan(chunk, at, end);
      if (lineEnd === -1) return;
      this.#startLine();
      at = lineEnd + 1;
      lineEnd = chunk.indexOf(newline, at);
    }
  }

  get #isAtLineStart(): boolean {
    return this.#mode === 'structure' && this.#depth === 0 && this.#found.size === 0;
  }

  #startLine(): void {
    // A scalar at the top level ends with its line; anything else that is open is not JSON.
    this.#mode = 'structure';
    this.#depth = 0;
    this.#rootDepth = 0;
    this.#startMessage();
  }

  #startMessage(): void {
    this.#path = [];
    this.#place = message;
    this.#isKeyNext = false;
    this.#found = new Map();
  }

  /** Scans bytes of one line. */
  #scan(chunk: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      switch (this.#mode) {
        case 'structure':
          at = this.#scanStructure(chunk, at, end);
          break;
        case 'skippedString':
        case 'keptString':
          at = this.#scanString(chunk, at, end);
          break;
        case 'keptScalar':
          at = this.#scanScalar(chunk, at, end);
          break;
        case 'restOfLine':
          return;
      }
    }
  }

  #scanStructure(chunk: Buffer, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = chunk[at]!;
      switch (byte) {
        case quote:
          this.#startString();
          return at + 1;
        case 0x7b: // {
          this.#openObject();
          break;
        case 0x5b: // [
          this.#openArray();
          break;
        case 0x7d: // }
        case 0x5d: // ]
          this.#closeContainer();
          break;
        case 0x2c: // ,
          if (this.#isOnPath) this.#isKeyNext = true;
          break;
        case 0x3a: // :
          if (this.#isOnPath) this.#isKeyNext = false;
          break;
        default:
          // A number or a literal; blanks are below all of them.
          if (byte > 0x20 && this.#isOnPath && this.#place?.slot !== undefined) {
            this.#startToken('keptScalar');
            return at;
          }
      }
    }
    return end;
  }

  /** Whether the innermost open container is one that is looked at. */
  get #isOnPath(): boolean {
    return this.#path.length > 0 && this.#depth === this.#rootDepth + this.#path.length;
  }

  #openObject(): void {
    const isRoot = this.#depth === this.#rootDepth;
    const place = isRoot ? message : this.#isOnPath ? this.#place : undefined;
    if (isRoot) this.#startMessage();
    if (!isRoot) this.#noteValue('{');
    this.#depth += 1;
    if (place?.below === undefined) return;
    this.#path.push(place);
    this.#isKeyNext = true;
    this.#place = undefined;
  }

  #openArray(): void {
    if (this.#depth === 0 && this.#rootDepth === 0) this.#rootDepth = 1;
    else this.#noteValue('[');
    this.#depth += 1;
  }

  #closeContainer(): void {
    this.#depth -= 1;
    if (this.#depth < this.#rootDepth + this.#path.length) this.#path.pop();
    this.#place = undefined;
    if (this.#depth === this.#rootDepth && this.#depth >= 0) this.#emit();
  }

  #startString(): void {
    this.#isEscaped = false;
    const isKept = this.#isOnPath && (this.#isKeyNext || this.#place?.slot !== undefined);
    if (isKept) this.#startToken('keptString');
    else this.#mode = 'skippedString';
  }

  #startToken(mode: 'keptString' | 'keptScalar'): void {
    this.#mode = mode;
    this.#tokenBytes = 0;
    this.#isTokenTooLong = false;
  }

  #scanString(chunk: Buffer, start: number, end: number): number {
    let from = start;
    for (;;) {
      const found = chunk.indexOf(quote, from);
      const stop = found === -1 || found > end ? end : found;
      if (stop > from) this.#isEscaped = endsInEscape(chunk, from, stop, this.#isEscaped);
      if (stop === end) {
        this.#keep(chunk, start, end);
        return end;
      }
      if (!this.#isEscaped) {
        this.#keep(chunk, start, stop);
        this.#endString();
        return stop + 1;
      }
      this.#isEscaped = false;
      from = stop + 1;
    }
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    if (this.#mode === 'skippedString') return;
    if (this.#tokenBytes + end - start > maxTokenBytes) this.#isTokenTooLong = true;
    else this.#tokenBytes += chunk.copy(this.#token, this.#tokenBytes, start, end);
  }

  #endString(): void {
    const isKept = this.#mode === 'keptString';
    this.#mode = 'structure';
    if (!isKept) return;
    const raw = this.#isTokenTooLong
      ? undefined
      : this.#token.toString('utf8', 0, this.#tokenBytes);
    if (this.#isKeyNext) this.#enterKey(unescape(raw));
    else this.#noteValue(raw === undefined ? tooLong : `"${raw}"`);
  }

  /** A key comes again: the last one wins, as in `JSON.parse`, so what the first one had goes. */
  #enterKey(key: string | undefined): void {
    this.#place = key === undefined ? undefined : this.#path.at(-1)?.below?.get(key);
    if (this.#place !== undefined) forget(this.#found, this.#place);
  }

  #scanScalar(chunk: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !isDelimiter(chunk[at]!)) at++;
    this.#keep(chunk, start, at);
    if (at === end && end === chunk.length) return end;
    this.#mode = 'structure';
    const raw = this.#token.toString('latin1', 0, this.#tokenBytes);
    this.#noteValue(this.#isTokenTooLong ? tooLong : raw);
    return at;
  }

  #noteValue(raw: string): void {
    const slot = this.#isOnPath ? this.#place?.slot : undefined;
    if (slot !== undefined) this.#found.set(slot, raw);
  }

  #emit(): void {
    const found = this.#found;
    if (found.size > 0) this.#onMessage(readMessage(found));
    this.#startMessage();
  }
}

/** Stands for a value that was not kept: a text that no list of names has. */
const tooLong = '"\\u0000"';

function readMessage(found: ReadonlyMap<Slot, string>): ScannedMessage {
  const text = (slot: Slot): string | undefined => {
    const value = readScalar(found.get(slot));
    return typeof value === 'string' ? value : undefined;
  };
  return {
    id: readId(found.get('id')),
    method: text('method'),
    name: text('name'),
    requestId: readId(found.get('requestId')),
    client: toClient(text('clientName'), text('clientVersion')),
    requestClient: toClient(text('requestClientName'), text('requestClientVersion')),
    hasResult: found.has('result'),
    hasError: found.has('error'),
    isError: found.get('isError') === 'true',
    resultType: text('resultType'),
  };
}

function readId(raw: string | undefined): CallId | undefined {
  if (raw === undefined || raw === tooLong) return undefined;
  const id = readScalar(raw);
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

function toClient(name: string | undefined, version: string | undefined): Client | undefined {
  return name === undefined || name === '' ? undefined : { name, version };
}

/** A scalar of at most a kilobyte, cut out of the stream; undefined when it is none. */
function readScalar(raw: string | undefined): unknown {
  try {
    return raw === undefined ? undefined : JSON.parse(raw);
  } catch {
    // Half a literal, or the opening bracket of what should be a scalar.
    return undefined;
  }
}

function unescape(raw: string | undefined): string | undefined {
  if (raw === undefined || !raw.includes('\\')) return raw;
  const text = readScalar(`"${raw}"`);
  return typeof text === 'string' ? text : undefined;
}

function forget(found: Map<Slot, string>, { slot, below }: Place): void {
  if (slot !== undefined) found.delete(slot);
  for (const place of below?.values() ?? []) forget(found, place);
}

/** Whether the byte behind `bytes[start, stop)` is escaped, given whether the first one was. */
function endsInEscape(bytes: Buffer, start: number, stop: number, isFirst: boolean): boolean {
  let at = stop;
  while (at > start && bytes[at - 1] === backslash) at -= 1;
  const backslashes = stop - at;
  // Backslashes that reach back to the start go on from the one before, if it was one.
  const isOdd = backslashes % 2 === 1;
  return at === start && isFirst ? !isOdd : isOdd;
}

/** What ends a number or a literal. */
function isDelimiter(byte: number): boolean {
  return byte === 0x2c || byte === 0x7d || byte === 0x5d || byte <= 0x20;
}
