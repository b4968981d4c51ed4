import { foldClientName, foldClientVersion, foldName } from '../../contract/fold.ts';
import type { CounterKind } from '../../contract/report/lists.ts';
import type { DayNumber } from '../../contract/day.ts';
import {
  type Frame,
  type FrameCounter,
  type FrameEvent,
  frameKinds,
} from '../../contract/frame.ts';
import {
  maxCount,
  maxCounterSpellings,
  maxSpellingLength,
  maxDistinctCounters,
  maxEventsPerFrame,
} from '../../contract/limits.ts';

/** An MCP client as it named itself; without a name it is as good as none. */
export interface Client {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

interface NamedClient extends Client {
  readonly name: string;
}

interface Counter {
  readonly kind: CounterKind;
  readonly name: string;
  readonly client: string | undefined;
  readonly clientVersion: string | undefined;
  calls: number;
  errors: number;
}

/** Counters under one spelling of a name: without a client, and by the client's name. */
interface NameEntry {
  alone: Counter | undefined;
  readonly byClient: Map<string, VersionEntry>;
}

/** A client mostly has one version while a process lives: a list, the last one first. */
interface VersionEntry {
  readonly version: string | undefined;
  readonly counter: Counter;
  readonly next: VersionEntry | undefined;
}

/**
 * The tallies of one UTC day. A known counter costs two or three look-ups and an addition: it is
 * found by the words as they came, and only a new spelling is folded into the closed lists.
 */
export class Counters {
  readonly day: DayNumber;
  readonly #commands = new Map<string, NameEntry>();
  readonly #tools = new Map<string, NameEntry>();
  readonly #distinct = new Map<string, Counter>();
  readonly #events: FrameEvent[] = [];
  #spellings = 0;
  #overflow = 0;

  constructor(day: DayNumber) {
    this.day = day;
  }

  get isEmpty(): boolean {
    return this.#distinct.size === 0 && this.#events.length === 0 && this.#overflow === 0;
  }

  add(kind: CounterKind, name: string, isError: boolean, client: Client | undefined): void {
    const counter = this.#find(kind, name, client) ?? this.#open(kind, name, readClient(client));
    if (counter === undefined || counter.calls === maxCount) return;
    counter.calls += 1;
    if (isError) counter.errors += 1;
  }

  addEvent(event: FrameEvent): void {
    if (this.#events.length < maxEventsPerFrame) this.#events.push(event);
    else this.drop();
  }

  /** Something that was seen and finds no place. */
  drop(): void {
    this.#overflow += 1;
  }

  /** What was counted, as one frame. */
  toFrame(): Frame {
    return {
      day: this.day,
      counters: Array.from(this.#distinct.values(), toFrameCounter),
      events: this.#events,
      dropped: this.#overflow,
    };
  }

  #find(kind: CounterKind, name: string, client: Client | undefined): Counter | undefined {
    const entry = this.#namesOf(kind)?.get(name);
    // `null` too: hosts hand on what a library gave them.
    if (entry === undefined || !client) return entry?.alone;
    if (client.name === undefined) return entry.alone;
    return findVersion(entry.byClient.get(client.name), client.version ?? undefined);
  }

  #open(kind: CounterKind, name: string, client: NamedClient | undefined): Counter | undefined {
    const names = this.#namesOf(kind);
    if (names === undefined) return undefined;
    const counter = this.#fold(kind, name, client);
    // Spellings past the bound are folded each time: slower, but the table stays as it is.
    if (this.#spellings < maxCounterSpellings && isShort(name) && hasShortWords(client)) {
      this.#spellings += 1;
      const entry = names.get(name) ?? { alone: undefined, byClient: new Map() };
      names.set(name, entry);
      remember(entry, client, counter);
    }
    return counter;
  }

  /** Undefined for a kind that is none: a host may be plain JavaScript. */
  #namesOf(kind: CounterKind): Map<string, NameEntry> | undefined {
    if (kind === 'cli_command') return this.#commands;
    return kind === 'mcp_tool' ? this.#tools : undefined;
  }

  /** The one counter of an identity, in words of the closed lists. */
  #fold(kind: CounterKind, name: string, client: NamedClient | undefined): Counter {
    const isFull = this.#distinct.size >= maxDistinctCounters;
    const folded = isFull
      ? { kind, name: 'other', client: undefined, clientVersion: undefined }
      : {
          kind,
          name: foldName(kind, name),
          client: client && foldClientName(client.name),
          clientVersion:
            client?.version === undefined ? undefined : foldClientVersion(client.version),
        };
    const identity = `${kind} ${folded.name} ${folded.client} ${folded.clientVersion}`;
    const known = this.#distinct.get(identity);
    if (known !== undefined) return known;
    const counter = { ...folded, calls: 0, errors: 0 };
    this.#distinct.set(identity, counter);
    return counter;
  }
}

function findVersion(
  entry: VersionEntry | undefined,
  version: string | undefined,
): Counter | undefined {
  let at = entry;
  while (at !== undefined && at.version !== version) at = at.next;
  return at?.counter;
}

/** What may be kept: a table of long names would cost the host their length. */
function isShort(word: unknown): boolean {
  return typeof word === 'string' && word.length <= maxSpellingLength;
}

function hasShortWords(client: NamedClient | undefined): boolean {
  return client === undefined || (isShort(client.name) && isShort(client.version ?? ''));
}

function remember(entry: NameEntry, client: NamedClient | undefined, counter: Counter): void {
  if (client === undefined) {
    entry.alone = counter;
    return;
  }
  const { name, version } = client;
  const next = entry.byClient.get(name);
  // A host that hands on a version that is no text gets here each time.
  if (findVersion(next, version) !== undefined) return;
  entry.byClient.set(name, { version, counter, next });
}

/** A client as far as it is one: hosts hand on what strangers sent them. */
function readClient(client: Client | undefined): NamedClient | undefined {
  const { name, version }: { readonly name?: unknown; readonly version?: unknown } = client ?? {};
  if (typeof name !== 'string') return undefined;
  return typeof version === 'string' ? { name, version } : { name };
}

function toFrameCounter({
  kind,
  name,
  calls,
  errors,
  client,
  clientVersion,
}: Counter): FrameCounter {
  const number = frameKinds[kind];
  if (client === undefined) return [number, name, calls, errors];
  if (clientVersion === undefined) return [number, name, calls, errors, client];
  return [number, name, calls, errors, client, clientVersion];
}
