import { foldClientName, foldClientVersion, foldName } from '../../contract/fold.ts';
import { maxOpenCalls } from '../../contract/limits.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Client } from '../counting/counters.ts';

/** A JSON-RPC id, as it was parsed. Number and numeral string are two ids. */
export type CallId = string | number | null;

/** How a call ended. `input_required` is no end: the client asks again, under a new id. */
export type CallOutcome = 'ok' | 'error' | 'input_required';

interface ToolCall {
  readonly kind: 'call';
  readonly id: CallId;
  readonly tool: string;
  /** Who the request itself says it is from. */
  readonly ownClient: Client | undefined;
  /** Who was known to be on the transport when the call came. */
  readonly transportClient: Client | undefined;
  isCancelled: boolean;
}

interface Introduction {
  readonly kind: 'initialize';
  readonly id: CallId;
  readonly client: Client | undefined;
}

/** A request that waits for its reply. */
export type OpenRequest = ToolCall | Introduction;

/**
 * The tool calls of one transport that have no reply yet. A call is counted when its reply is on
 * the wire, and only then: one that never got a reply was never done. Nothing of a call is kept but
 * its id, and tool and client in words of the closed lists.
 */
export class OpenCalls {
  readonly #telemetry: Pick<Telemetry, 'count'>;
  /** By id; requests under one id are answered in the order in which they came. */
  readonly #requests = new Map<CallId, OpenRequest[]>();
  #size = 0;
  #client: Client | undefined;

  constructor(telemetry: Pick<Telemetry, 'count'>) {
    this.#telemetry = telemetry;
  }

  /** Whether no reply could be to anything here. */
  get isIdle(): boolean {
    return this.#size === 0;
  }

  /** A client introduces itself; it has a name once the server has agreed. */
  initialize(id: CallId, client: Client | undefined): void {
    this.#add({ kind: 'initialize', id, client: foldClient(client) });
  }

  /** A call came in; `client` is who the request itself says it is from. */
  open(id: CallId, tool: string | undefined, client: Client | undefined): void {
    this.#add({
      kind: 'call',
      id,
      tool: foldName('mcp_tool', tool),
      ownClient: foldClient(client),
      transportClient: this.#client,
      isCancelled: false,
    });
  }

  /** The client wants no reply. Most servers send none then; one that does has done the work. */
  cancel(id: CallId): void {
    const call = this.#requests.get(id)?.find(isWanted);
    if (call !== undefined) call.isCancelled = true;
  }

  /** Takes out what a reply under `id` answers; undefined when it answers nothing here. */
  take(id: CallId): OpenRequest | undefined {
    const requests = this.#requests.get(id);
    const request = requests?.shift();
    if (request === undefined) return undefined;
    if (requests?.length === 0) this.#requests.delete(id);
    this.#size -= 1;
    return request;
  }

  /** The reply to what was taken is on the wire. */
  finish(request: OpenRequest, outcome: CallOutcome): void {
    if (request.kind === 'initialize') {
      if (outcome === 'ok') this.#client = request.client;
      return;
    }
    if (outcome === 'input_required') return;
    // A client may send its first call along with `initialize`, before it is agreed who it is.
    const client = request.ownClient ?? request.transportClient ?? this.#client;
    this.#telemetry.count('mcp_tool', request.tool, { ok: outcome === 'ok', client });
  }

  /** The reply to what was taken was lost; another one may come. */
  putBack(request: OpenRequest): void {
    if (this.#size >= maxOpenCalls) return;
    const { id } = request;
    this.#requests.set(id, [request, ...(this.#requests.get(id) ?? [])]);
    this.#size += 1;
  }

  /** The transport was closed: nothing more will be answered, and whoever comes is unknown. */
  close(): void {
    this.#requests.clear();
    this.#size = 0;
    this.#client = undefined;
  }

  #add(request: OpenRequest): void {
    if (this.#size >= maxOpenCalls) this.#dropOldest();
    this.#size += 1;
    const others = this.#requests.get(request.id);
    if (others === undefined) {
      this.#requests.set(request.id, [request]);
      return;
    }
    // An id that is in use again belongs to no call that was cancelled.
    const wanted = others.filter((other) => other.kind === 'initialize' || !other.isCancelled);
    this.#requests.set(request.id, [...wanted, request]);
    this.#size -= others.length - wanted.length;
  }

  #dropOldest(): void {
    for (const id of this.#requests.keys()) {
      this.take(id);
      return;
    }
  }
}

function isWanted(request: OpenRequest): request is ToolCall {
  return request.kind === 'call' && !request.isCancelled;
}

/** Folded at once, so that no text of a client's is kept, however long it is. */
function foldClient(client: Client | undefined): Client | undefined {
  if (client === undefined) return undefined;
  const { name, version } = client;
  return {
    name: foldClientName(name),
    version: version === undefined ? undefined : foldClientVersion(version),
  };
}
