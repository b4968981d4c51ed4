import { EventEmitter, on, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { checkBatch, type StandInEvent } from './posthog-rules.ts';

export type { StandInEvent };

export interface StandInOptions {
  /** Left out or 0: any free port. */
  readonly port?: number;
  /** Asked before each answer, with the events of the request: what to do instead. */
  readonly fail?: (events: readonly StandInEvent[]) => Fault | undefined;
  /** Told of events that came for the first time. */
  readonly onEvents?: (events: readonly StandInEvent[]) => void;
  /** The key of its one project; with any other it keeps nothing. Left out, it takes every key. */
  readonly knownKey?: string;
  /** Keeps neither events nor requests, only tells of them: for long runs. */
  readonly isForgetful?: boolean;
}

/** A status; no answer; no answer and no connection; the same after the events were taken. */
export type Fault = number | 'stall' | 'hang_up' | 'lose_answer';

/** A request as it came over the wire, refused or not. */
interface WireRequest {
  readonly path: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  /** Unpacked. */
  readonly body: string;
}

export interface PostHogStandIn {
  /** Without a slash at the end. */
  readonly url: string;
  /** What PostHog would hold by now: each event once. */
  readonly events: readonly StandInEvent[];
  readonly requests: readonly WireRequest[];
  /**
   * Resolves with the events as soon as there are `count` of them.
   *
   * @throws Error when there are fewer after `timeoutMs`.
   */
  readonly waitForEvents: (count: number, timeoutMs: number) => Promise<readonly StandInEvent[]>;
  readonly stop: () => Promise<void>;
}

/** A server on 127.0.0.1 that takes events as PostHog's `/batch/` does, and keeps them in memory. */
export async function startPostHogStandIn(options: StandInOptions = {}): Promise<PostHogStandIn> {
  const events: StandInEvent[] = [];
  const requests: WireRequest[] = [];
  const known = new Set<string>();
  const arrivals = new EventEmitter();

  const take = (batch: readonly StandInEvent[]): void => {
    const fresh = batch.filter((event) => isNew(known, event));
    if (options.isForgetful !== true) events.push(...fresh);
    if (fresh.length > 0) options.onEvents?.(fresh);
    arrivals.emit('events');
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wire = await readRequest(request);
    if (options.isForgetful !== true) requests.push(wire);
    if (wire.path.startsWith('/flags/')) {
      // Unlike `/batch/`, this looks the key up.
      const isKnown = options.knownKey === undefined || wire.body.includes(options.knownKey);
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
      response.end('{}');
      return;
    }
    const checked = checkBatch(wire.path, wire.body);
    const fault = checked.ok ? options.fail?.(checked.events) : undefined;
    if (fault === 'stall') return;
    const status = fault ?? checked.status;
    // With a key of no project it says 200 all the same, and drops what it got later.
    const isKept = checked.ok && (options.knownKey ?? checked.key) === checked.key;
    if (isKept && (status === 200 || status === 'lose_answer')) take(checked.events);
    if (typeof status === 'string') {
      response.destroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: status === 200 ? 1 : 0 }));
  };
  const server = createServer((request, response) => {
    // A request that breaks off has nobody to answer to.
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    events,
    requests,
    waitForEvents: async (count, timeoutMs) => {
      if (events.length >= count) return events;
      try {
        for await (const _ of on(arrivals, 'events', { signal: AbortSignal.timeout(timeoutMs) })) {
          if (events.length >= count) break;
        }
        return events;
      } catch (cause) {
        throw new Error(`${events.length} of ${count} events came in ${timeoutMs} ms`, { cause });
      }
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** PostHog keeps one event for each (day, event, distinct_id, uuid). */
function isNew(known: Set<string>, { timestamp, event, distinct_id, uuid }: StandInEvent): boolean {
  const key = JSON.stringify([timestamp.slice(0, 10), event, distinct_id, uuid]);
  if (known.has(key)) return false;
  known.add(key);
  return true;
}

async function readRequest(request: IncomingMessage): Promise<WireRequest> {
  const bytes = Buffer.concat(await request.toArray());
  const isPacked = request.headers['content-encoding'] === 'gzip';
  return {
    path: request.url ?? '',
    headers: request.rawHeaders,
    body: (isPacked ? gunzipSync(bytes) : bytes).toString('utf8'),
  };
}
