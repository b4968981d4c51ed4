import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A loopback stand-in for the ingest, that notes what comes. */
export interface Endpoint {
  readonly url: string;
  /** What came since the last look. */
  take(): Arrivals;
  close(): Promise<void>;
}

export interface Arrivals {
  readonly requests: number;
  readonly bytes: number;
  /** When the first request was complete, in milliseconds of the machine's monotonic clock. */
  readonly firstAt: number | undefined;
}

/** `accepting` answers 204 to everything; `hanging` takes everything and never answers. */
export async function startEndpoint(manner: 'accepting' | 'hanging'): Promise<Endpoint> {
  let seen: Arrivals = nothingYet;
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => {
      const firstAt = seen.firstAt ?? Number(process.hrtime.bigint()) / 1e6;
      seen = { requests: seen.requests + 1, bytes: seen.bytes + bytes, firstAt };
      if (manner === 'accepting') response.writeHead(204).end();
    });
    // A client that gave up is part of what is measured.
    request.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/events`,
    take: () => {
      const arrivals = seen;
      seen = nothingYet;
      return arrivals;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const nothingYet: Arrivals = { requests: 0, bytes: 0, firstAt: undefined };
