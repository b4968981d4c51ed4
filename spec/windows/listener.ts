import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { report, type Report } from '../../contract/report/allowlist.ts';

/** An ingest on the loopback address that accepts every report of the contract. */
export interface Listener extends AsyncDisposable {
  readonly endpoint: string;
  /** What arrived, in order. */
  readonly reports: readonly Report[];
}

/** Starts one. A body that is no report is answered with 400 and kept out. */
export async function listen(): Promise<Listener> {
  const reports: Report[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const parsed = v.safeParse(report, JSON.parse(Buffer.concat(chunks).toString('utf8')));
      if (parsed.success) reports.push(parsed.output);
      response.writeHead(parsed.success ? 204 : 400).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/v1/events`,
    reports,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls of a command or tool, over all reports. */
export function callsOf(reports: readonly Report[], name: string): number {
  return reports
    .flatMap(({ events }) => events)
    .reduce((sum, event) => {
      const props: Readonly<Record<string, unknown>> = event.props;
      return props['name'] === name ? sum + Number(props['count']) : sum;
    }, 0);
}
