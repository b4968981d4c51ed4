import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it crossed the wire, and what was answered. */
export interface Crossing {
  readonly body: string;
  readonly status: number;
}

export interface Wire {
  readonly url: string;
  readonly crossings: readonly Crossing[];
  stop(): void;
}

/** A relay on loopback in front of the ingest, which keeps what crosses it for us to look at. */
export async function tapWire(ingestUrl: string): Promise<Wire> {
  const crossings: Crossing[] = [];
  const server = createServer((request, response) => {
    void relay(request, ingestUrl).then((crossing) => {
      crossings.push(crossing);
      response.writeHead(crossing.status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    crossings,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function relay(request: IncomingMessage, ingestUrl: string): Promise<Crossing> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const body = Buffer.concat(chunks).toString();
  const answer = await fetch(`${ingestUrl}${request.url ?? '/'}`, {
    method: request.method ?? 'POST',
    headers: { 'content-type': request.headers['content-type'] ?? '' },
    body,
  });
  return { body, status: answer.status };
}
