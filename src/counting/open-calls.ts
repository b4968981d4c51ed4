import { maxOpenCalls } from '../../spec/contract/limits.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Client } from './counters.ts';

/** A JSON-RPC id, as it was parsed. Number and numeral string are two ids. */
export type CallId = string | number | null;

/** How a call ended. `input_required` is no end: the client asks again, under a new id. */
export type CallOutcome = 'ok' | 'error' | 'input_required';

interface OpenCall {
  readonly tool: string;
  readonly client: Client | undefined;
  isCancelled: boolean;
}

/**
 * The tool calls of one transport that have no reply yet. A call is counted when its reply is on
 * the wire, and only then: one that never got a reply was never done. Nothing of a call is kept but
 * its id, its tool's name and its client.
 */
export class OpenCalls {
  readonly #telemetry: Pick<Telemetry, 'count'>;
  /** By id; calls under one id are answered in the order in which they came. */
  readonly #calls = new Map<CallId, OpenCall[]>();
  readonly #initializing = new Map<CallId, Client | undefined>();
  #client: Client | undefined;
  #open = 0;

  constructor(telemetry: Pick<Telemetry, 'count'>) {
    this.#telemetry = telemetry;
  }

  /** Whether a reply could be to anything here. */
  get isIdle(): boolean {
    return this.#open === 0 && this.#initializing.size === 0;
  }

  /** A client introduces itself; it has a name once the server has agreed. */
  initialize(id: CallId, client: Client | undefined): void {
    if (this.#initializing.size < maxOpenCalls) this.#initializing.set(id, client);
  }

  /** A call came in; `client` is who the request itself says it is from. */
  open(id: CallId, tool: string, client: Client | undefined): void {
    if (this.#open >= maxOpenCalls) this.#dropOldest();
    const calls = this.#calls.get(id)?.filter(({ isCancelled }) => !isCancelled) ?? [];
    this.#open -= (this.#calls.get(id)?.length ?? 0) - calls.length;
    calls.push({ tool, client: client ?? this.#client, isCancelled: false });
    this.#calls.set(id, calls);
    this.#open += 1;
  }

  /** The client wants no reply. Most servers send none then; one that does has done the work. */
  cancel(id: CallId): void {
    const call = this.#calls.get(id)?.find(({ isCancelled }) => !isCancelled);
    if (call !== undefined) call.isCancelled = true;
  }

  /** A reply is on the wire. */
  reply(id: CallId, outcome: CallOutcome): void {
    const calls = this.#calls.get(id);
    const call = calls?.shift();
    if (call === undefined) {
      this.#finishInitialize(id, outcome);
      return;
    }
    this.#open -= 1;
    if (calls?.length === 0) this.#calls.delete(id);
    if (outcome === 'input_required') return;
    const { tool, client } = call;
    this.#telemetry.count('mcp_tool', tool, { ok: outcome === 'ok', client });
  }

  #finishInitialize(id: CallId, outcome: CallOutcome): void {
    if (!this.#initializing.has(id)) return;
    if (outcome === 'ok') this.#client = this.#initializing.get(id);
    this.#initializing.delete(id);
  }

  #dropOldest(): void {
    const [oldest] = this.#calls;
    if (oldest === undefined) return;
    const [id, calls] = oldest;
    calls.shift();
    this.#open -= 1;
    if (calls.length === 0) this.#calls.delete(id);
  }
}
