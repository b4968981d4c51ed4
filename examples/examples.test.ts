// Each example runs to its end as a program of its own: what an earlier day has left arrives at the
// endpoint, and what the example counts lies in the buffer.
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { unpack } from 'msgpackr';
import { expect, it } from 'vitest';
import type { ConsentPaths } from '../contract/consent.ts';
import { dayOf } from '../contract/day.ts';
import { bufferFile } from '../contract/files.ts';
import { type FrameCounter, readFrame, scanFrames } from '../contract/frame.ts';
import { runCommand } from '../scripts/run-command.ts';
import { pinnedNode } from '../scripts/set-up/paths.mjs';
import { homeWith } from '../spec/support/flushes.ts';
import { frameOf, queries } from '../spec/support/frames.ts';
import { type Received, startLoopback } from '../spec/support/ingest.ts';

/** A home with three queries of yesterday, whose owner has said yes, and the endpoint to hear of them. */
async function seed() {
  const paths = homeWith(frameOf(dayOf(Date.now()) - 1, [queries(3, 1)]));
  const arrivals = new EventEmitter();
  const arrived = once(arrivals, 'report');
  const { url, received } = await startLoopback((response) => {
    response.writeHead(204).end(() => arrivals.emit('report'));
  });
  const home = dirname(paths.dataDir);
  const env = { HOME: home, USERPROFILE: home, CODEGRAPH_TELEMETRY_ENDPOINT: url.href };
  return { paths, env, received, arrived };
}

const file = (name: string): string => join(import.meta.dirname, name);

function eventsOf({ body }: Received): readonly object[] {
  const { events }: { events: { props: object }[] } = JSON.parse(body);
  return events.map(({ props }) => props);
}

const ofYesterday = { kind: 'cli_command', name: 'query', count: 3, error_count: 1 };

function countersIn({ dataDir }: ConsentPaths): readonly FrameCounter[] {
  const { payloads } = scanFrames(readFileSync(join(dataDir, bufferFile)));
  return payloads.flatMap((payload) => readFrame(unpack(payload))?.counters ?? []);
}

it('a command line sends what yesterday counted, and counts its commands', async () => {
  const { paths, env, received } = await seed();
  const run = (...args: string[]) =>
    runCommand(pinnedNode, [file('commander.ts'), ...args], { env });

  // On a busy machine its second can run out: the next command sends then.
  for (let attempt = 0; attempt < 10 && received.length === 0; attempt++) {
    expect(await run('sync')).toEqual({ code: 0, output: 'in sync\n' });
  }
  expect(await run('query', 'thread')).toEqual({ code: 0, output: 'looking for thread\n' });

  expect(received.map(eventsOf)).toEqual([[ofYesterday]]);
  expect(countersIn(paths)).toEqual(expect.arrayContaining([[0, 'query', 1, 0]]));
});

it.each([
  { name: 'mcp-sdk.ts', tools: ['codegraph_status'], failed: [] },
  {
    name: 'mcp-by-hand.ts',
    tools: ['codegraph_status', 'codegraph_status', 'codegraph_files'],
    failed: ['codegraph_files'],
  },
])('the server $name sends what yesterday counted, and counts its tool calls', async (example) => {
  const { paths, env, received, arrived } = await seed();
  const client = new Client({ name: 'zed', version: '1.2.3' });
  const args = [file(example.name)];
  await client.connect(new StdioClientTransport({ command: pinnedNode, args, env }));
  await arrived;
  for (const name of example.tools) await client.callTool({ name });
  await client.close();

  expect(received.map(eventsOf)).toEqual([[ofYesterday]]);
  const counted = [...new Set(example.tools)].map((tool) => {
    const calls = example.tools.filter((name) => name === tool).length;
    return [1, tool, calls, example.failed.includes(tool) ? calls : 0, 'zed', '1.2'];
  });
  expect(countersIn(paths)).toEqual(counted);
});
