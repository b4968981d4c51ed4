import { noteRequest, readMessage } from './message.ts';
import { canObserve, observeListener } from './observe-listener.ts';
import type { CallId } from './call-id.ts';
import { type CountingTelemetry, OpenCalls, type OpenRequest, type Reply } from './open-calls.ts';

/** What is needed of a transport; those of the official SDKs, v1 and v2, have it. */
export interface TransportLike {
  send: (message: never, ...rest: never[]) => Promise<void>;
  onmessage?: ((message: never, ...rest: never[]) => unknown) | undefined;
  onclose?: (() => unknown) | undefined;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

// Two copies of this package may meet in a process: a transport is decorated once.
const decorated = Symbol.for('codegraph-telemetry.counted');

/**
 * Counts the tool calls of a transport, each after its reply has been sent, so that no call waits. Decorates
 * the transport itself, which stays the same object, before it is started. Of a message it reads only the
 * kind, the id, the tool, the client and the outcome. A frozen transport stays as it is. If transports
 * wrap each other, decorate one of them.
 *
 * @example
 * const transport = new StdioServerTransport();
 * await server.connect(countToolCalls(transport, telemetry));
 *
 * @example
 * // Where the SDK makes the transports: in the factory of `createMcpHandler`.
 * const connect = server.connect.bind(server);
 * server.connect = (transport) => connect(countToolCalls(transport, telemetry));
 *
 * @throws TypeError if an argument is not a transport or not a telemetry.
 */
export function countToolCalls<T extends TransportLike>(
  transport: T,
  telemetry: CountingTelemetry,
): T {
  checkMethod(transport, 'transport', 'send');
  checkMethod(telemetry, 'telemetry', 'count');
  try {
    if (decorated in transport || !canDecorate(transport)) return transport;
    decorate(transport, new OpenCalls(telemetry));
  } catch {
    // An object that refuses what ordinary ones allow. What is on it by now counts nothing wrong.
  }
  return transport;
}

function checkMethod(object: unknown, name: string, method: string): void {
  const found: unknown = (object as Readonly<Record<string, unknown>> | null | undefined)?.[method];
  if (typeof found === 'function') return;
  throw new TypeError(
    `countToolCalls: expected ${name} to have a ${method} method, got ${typeof found}`,
  );
}

function canDecorate(transport: object): boolean {
  return (
    Object.isExtensible(transport) &&
    Object.getOwnPropertyDescriptor(transport, 'send')?.configurable !== false &&
    canObserve(transport, 'onmessage') &&
    canObserve(transport, 'onclose')
  );
}

function decorate(transport: TransportLike, calls: OpenCalls): void {
  observeListener(transport, 'onmessage', (message) => {
    quietly(() => {
      for (const request of messagesIn(message)) noteRequest(calls, readMessage(request));
    });
  });
  observeListener(transport, 'onclose', () => {
    calls.close();
  });
  decorateSend(transport, calls);
  Object.defineProperty(transport, decorated, { value: true });
}

function decorateSend(transport: TransportLike, calls: OpenCalls): void {
  const send = transport.send as Method;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    const sent = send.apply(this, args);
    quietly(() => {
      if (!calls.isIdle) noteReplies(calls, args[0], sent);
    });
    return sent;
  };
  const enumerable = Object.getOwnPropertyDescriptor(transport, 'send')?.enumerable ?? false;
  Object.defineProperty(transport, 'send', {
    value,
    configurable: true,
    writable: true,
    enumerable,
  });
}

interface Answer {
  readonly id: CallId;
  readonly request: OpenRequest;
  readonly reply: Reply;
}

/**
 * A reply counts once the inner `send` has settled well. To know, we have to listen to its promise;
 * so where a host leaves the promise of a reply alone, its rejection does not surface. Promises of
 * anything else are not touched.
 */
function noteReplies(calls: OpenCalls, message: unknown, sent: unknown): void {
  const answers = takeAnswers(calls, message);
  if (answers.length === 0) return;
  const finish = (): void => {
    quietly(() => {
      for (const { request, reply } of answers) calls.finish(request, reply);
    });
  };
  const putBack = (): void => {
    for (const { id, request } of answers) calls.putBack(id, request);
  };
  void Promise.resolve(sent).then(finish, putBack);
}

/** Taken now: some transports close themselves with their last reply, before it has settled. */
function takeAnswers(calls: OpenCalls, message: unknown): Answer[] {
  const answers: Answer[] = [];
  for (const one of messagesIn(message)) {
    const { id, reply } = readMessage(one);
    if (id === undefined || reply === undefined) continue;
    const request = calls.take(id);
    if (request !== undefined) answers.push({ id, request, reply });
  }
  return answers;
}

/** The messages in what a transport hands on: one, or a batch of the older protocol. */
function messagesIn(message: unknown): readonly unknown[] {
  return Array.isArray(message) ? message : [message];
}

/** Nothing of ours may reach the transport, its listeners or its callers. */
function quietly(note: () => void): void {
  try {
    note();
  } catch {
    // A message that breaks when it is looked at, or a defect of ours.
  }
}
