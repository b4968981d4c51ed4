import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import * as v from 'valibot';
import { report, type Report, type ReportEvent } from '../../contract/report/allowlist.ts';
import { type Tally, tally } from './buffer.ts';

/** One request as it arrived. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a server does with a request that has arrived whole. */
export type Respond = (response: ServerResponse, request: Received) => void;

/** A server on this machine, and what has arrived there, in order. */
export interface Loopback {
  readonly url: URL;
  readonly received: readonly Received[];
}

async function listen(respond: Respond): Promise<Loopback & { readonly server: Server }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    // A client that dies while it sends is no request.
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    request.on('end', () => {
      const { method, url: path, headers } = request;
      const arrived = { method, path, headers, body: Buffer.concat(chunks).toString() };
      received.push(arrived);
      respond(response, arrived);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/v1/events`), received, server };
}

/** Answers with a status, and with headers if there are any. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): Respond {
  return (response) => {
    response.writeHead(code, headers).end();
  };
}

/** A server that is stopped when the running test is over. */
export async function startLoopback(respond: Respond): Promise<Loopback> {
  const { server, ...loopback } = await listen(respond);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return loopback;
}

/** A port of this machine that refuses connections. */
export async function refusingUrl(): Promise<URL> {
  const { url, server } = await listen(() => undefined);
  server.close();
  await once(server, 'close');
  return url;
}

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
  const { url, server } = await listen((response, request) => void take(response, request));
  server.on('connection', () => (connections += 1));

  async function take(response: ServerResponse, { method, path, body }: Received): Promise<void> {
    const index = bodies.push(`${method} ${path}` === 'POST /v1/events' ? body : '');
    server.emit('body');
    const given = await answer(index - 1);
    if (given === 'hang') return;
    if (given === 'break') {
      response.destroy();
      return;
    }
    const { status: code, headers } =
      typeof given === 'number' ? { status: given, headers: {} } : given;
    if (code >= 200 && code < 300) accepted.push(body);
    response.writeHead(code, headers).end();
  }

  const place = { CODEGRAPH_TELEMETRY_ENDPOINT: url.href };
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
