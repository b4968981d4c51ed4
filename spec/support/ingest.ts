import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { report, type Report, type ReportEvent } from '../../contract/report/allowlist.ts';
import { type Tally, tally } from './tally.ts';

/** A status, a status with headers, no answer ever, or a connection that breaks before the answer. */
export type Answer =
  | number
  | { readonly status: number; readonly headers: Record<string, string> }
  | 'hang'
  | 'break';

/** An ingest on loopback that keeps what it is sent. */
export interface Ingest extends AsyncDisposable {
  /** In the environment of a program: where it reports, and nothing of whether. */
  readonly place: NodeJS.ProcessEnv;
  /** The same with an explicit yes. */
  readonly consent: NodeJS.ProcessEnv;
  /** Bodies of all requests, in order of arrival, whatever was answered. */
  readonly bodies: readonly string[];
  /** Bodies of those that were answered with a 2xx. */
  readonly accepted: readonly string[];
  /** TCP connections, with or without a request. */
  readonly connections: number;
  /** Resolves when `count` requests have arrived whole. */
  arrived(count: number): Promise<void>;
}

/** Starts one. `answer` is asked once a request, with the number of requests before it. */
export async function startIngest(
  answer: (index: number) => Answer | Promise<Answer> = () => 204,
): Promise<Ingest> {
  const bodies: string[] = [];
  const accepted: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => void receive(request, response));
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that dies while it sends is no request.
    const body = await readBody(request).catch(() => undefined);
    if (body === undefined) return;
    const index = bodies.push(`${request.method} ${request.url}` === 'POST /v1/events' ? body : '');
    server.emit('body');
    const given = await answer(index - 1);
    if (given === 'hang') return;
    if (given === 'break') {
      request.socket.destroy();
      return;
    }
    const { status, headers } = typeof given === 'number' ? { status: given, headers: {} } : given;
    if (status >= 200 && status < 300) accepted.push(body);
    response.writeHead(status, headers).end();
  }

  const { port } = server.address() as AddressInfo;
  const place = { CODEGRAPH_TELEMETRY_ENDPOINT: `http://127.0.0.1:${port}/v1/events` };
  return {
    place,
    consent: { ...place, CODEGRAPH_TELEMETRY: '1' },
    bodies,
    accepted,
    get connections() {
      return connections;
    },
    async arrived(count) {
      const signal = AbortSignal.timeout(30_000);
      while (bodies.length < count) await once(server, 'body', { signal });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
}

/** A body as the strict allowlist reads it. @throws ValiError when anything else is in it. */
export function parseReport(body: string): Report {
  return v.parse(report, JSON.parse(body));
}

/** The events of many reports, each once however often it arrived. */
export function distinctEvents(bodies: readonly string[]): readonly ReportEvent[] {
  const events = bodies.flatMap((body) => parseReport(body).events);
  return [...new Map(events.map((event) => [event.event_id, event])).values()];
}

/** What `usage_rollup` events say. */
export function usageIn(events: readonly ReportEvent[]): Tally {
  const usage = events.flatMap((event) => (event.event === 'usage_rollup' ? [event.props] : []));
  return tally(usage.map(({ name, count, error_count }) => [name, count, error_count]));
}

/** An ingest where nothing listens. */
export const noIngest = { CODEGRAPH_TELEMETRY_ENDPOINT: 'http://127.0.0.1:9/v1/events' };
