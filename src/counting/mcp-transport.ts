import type { Telemetry } from '../telemetry.ts';
import type { Client } from './counters.ts';
import { type CallId, type CallOutcome, OpenCalls } from './open-calls.ts';

/** What is needed of a transport; those of the official SDKs, v1 and v2, have it. */
export interface TransportLike {
  send(message: never, ...rest: never[]): Promise<void>;
  onmessage?: ((message: never, ...rest: never[]) => unknown) | undefined;
}

// Two copies of this package may meet in a process: a transport is decorated once.
const decorated = Symbol.for('codegraph-telemetry.counted');

/**
 * Counts the tool calls that a transport carries: each when its reply has been sent, so that no
 * call waits for it. Decorates the transport itself, which stays the same object, before it is
 * started. Never looks at arguments or results beyond what tells a call, its tool, its id and its
 * outcome. A frozen transport is left alone.
 *
 * @example
 * const transport = new StdioServerTransport();
 * countToolCalls(transport, telemetry);
 * await server.connect(transport);
 */
export function countToolCalls<T extends TransportLike>(
  transport: T,
  telemetry: Pick<Telemetry, 'count'>,
): T {
  if (decorated in transport || !canDecorate(transport)) return transport;
  const traffic = new Traffic(telemetry);
  decorateSend(transport, traffic);
  decorateOnMessage(transport, traffic);
  Object.defineProperty(transport, decorated, { value: true });
  return transport;
}

function canDecorate(transport: object): boolean {
  const isOpen = (key: string): boolean =>
    Object.getOwnPropertyDescriptor(transport, key)?.configurable !== false;
  return Object.isExtensible(transport) && isOpen('send') && isOpen('onmessage');
}

function decorateSend(transport: TransportLike, traffic: Traffic): void {
  const send = transport.send as Listener;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    const sent = send.apply(this, args);
    traffic.noteOutgoing(args[0], sent);
    return sent;
  };
  Object.defineProperty(transport, 'send', { value, configurable: true, writable: true });
}

type Listener = (this: unknown, ...args: unknown[]) => unknown;

/** Covers a listener that is there already, one that is set later, and one kept by an accessor. */
function decorateOnMessage(transport: TransportLike, traffic: Traffic): void {
  const inherited = findAccessor(transport, 'onmessage');
  let kept: Listener | undefined;
  const get = function (this: unknown): unknown {
    return inherited === undefined ? kept : inherited.get?.call(this);
  };
  const set = function (this: unknown, listener: unknown): void {
    const observed = typeof listener === 'function' ? observe(listener as Listener) : undefined;
    if (inherited === undefined) kept = observed;
    else inherited.set?.call(this, observed);
  };
  function observe(listener: Listener): Listener {
    return function (this: unknown, ...args: unknown[]): unknown {
      traffic.noteIncoming(args[0]);
      return listener.apply(this, args);
    };
  }
  const before: unknown = transport.onmessage;
  Object.defineProperty(transport, 'onmessage', { get, set, configurable: true, enumerable: true });
  if (before !== undefined) set.call(transport, before);
}

function findAccessor(object: object, key: string): PropertyDescriptor | undefined {
  for (
    let at: object | null = object;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor !== undefined) return descriptor.set === undefined ? undefined : descriptor;
  }
  return undefined;
}

/** The messages of one transport, as far as they tell of tool calls. Throws nothing into it. */
class Traffic {
  readonly #calls: OpenCalls;
  /** A listener that was read and set again hears a message twice; it is noted once. */
  readonly #noted = new WeakSet<object>();

  constructor(telemetry: Pick<Telemetry, 'count'>) {
    this.#calls = new OpenCalls(telemetry);
  }

  noteIncoming(message: unknown): void {
    try {
      for (const request of messagesIn(message)) this.#noteRequest(request);
    } catch {
      // A message that breaks when it is looked at is the server's business alone.
    }
  }

  /** The reply counts once the inner `send` has settled well; a rejected one is a lost reply. */
  noteOutgoing(message: unknown, sent: unknown): void {
    try {
      if (this.#calls.isIdle) return;
      const replies = [...messagesIn(message)].filter(isReply);
      if (replies.length === 0) return;
      const note = (): void => {
        for (const reply of replies) this.#calls.reply(readId(reply['id']), readOutcome(reply));
      };
      if (sent instanceof Promise) void sent.then(note, () => undefined);
      else note();
    } catch {
      // As above: `send` has done its work, and its result goes back as it is.
    }
  }

  #noteRequest(request: Fields): void {
    const { method, params } = request;
    if (method === 'notifications/cancelled') {
      this.#calls.cancel(readId(fieldsOf(params)['requestId']));
      return;
    }
    if ((method !== 'tools/call' && method !== 'initialize') || !('id' in request)) return;
    if (this.#noted.has(request)) return;
    this.#noted.add(request);
    const id = readId(request['id']);
    const { name, clientInfo, _meta } = fieldsOf(params);
    if (method === 'initialize') {
      this.#calls.initialize(id, readClient(clientInfo));
      return;
    }
    const client = readClient(fieldsOf(_meta)['io.modelcontextprotocol/clientInfo']);
    this.#calls.open(id, typeof name === 'string' ? name : 'other', client);
  }
}

type Fields = { readonly [key: string]: unknown };

/** The messages in what a transport handed on: one, or a batch of the older protocol. */
function messagesIn(message: unknown): readonly Fields[] {
  return (Array.isArray(message) ? message : [message]).map(fieldsOf);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** A message with a method is a request of the server's, even under the id of an open call. */
function isReply(message: Fields): boolean {
  return !('method' in message) && ('result' in message || 'error' in message);
}

function readOutcome({ result, error }: Fields): CallOutcome {
  if (error !== undefined) return 'error';
  const { isError, resultType } = fieldsOf(result);
  if (resultType === 'input_required') return 'input_required';
  return isError === true ? 'error' : 'ok';
}

function readId(id: unknown): CallId {
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** A client that says its name; what else it says is not looked at. */
export function readClient(value: unknown): Client | undefined {
  const { name, version } = fieldsOf(value);
  if (typeof name !== 'string' || name === '') return undefined;
  return typeof version === 'string' ? { name, version } : { name };
}
