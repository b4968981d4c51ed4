/** Tool calls to a server on the official SDK, counted and not; prints `DecoratorFigures` as JSON. */
import { PassThrough } from 'node:stream';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type * as Library from '../../src/index.ts';
import type * as Mcp from '../../src/mcp/transport.ts';
import { interleave, median, medianAdded } from '../measure.ts';
import { ourFiles } from '../programs.ts';

/** Microseconds of a call, from its request on a stream to its reply on another. */
export interface DecoratorFigures {
  readonly counted: number;
  readonly bare: number;
  /** What counting adds: the median of the differences within each round. */
  readonly added: number;
}

const [, , rounds = '10'] = process.argv;

const { openTelemetry } = (await import(ourFiles.library)) as typeof Library;
const { countToolCalls } = (await import(ourFiles.hosts)) as typeof Mcp;
const telemetry = openTelemetry({ version: '1.6.1' });

// Long beside the clock, short beside the neighbours' noise.
const callsPerBatch = 50;

const contestants = {
  counted: await connect((transport) => countToolCalls(transport, telemetry)),
  bare: await connect((transport) => transport),
};
// Until everything is optimised.
await interleave(contestants, 40);
const { counted, bare } = await interleave(contestants, Number(rounds));
const figures: DecoratorFigures = {
  counted: median(counted),
  bare: median(bare),
  added: medianAdded(counted, bare),
};
process.stdout.write(JSON.stringify(figures));

/** A session over streams in memory; calls its tool so often, one after the other. */
async function connect(
  decorate: (transport: StdioServerTransport) => StdioServerTransport,
): Promise<() => Promise<number>> {
  const [requests, replies] = [new PassThrough(), new PassThrough()];
  const server = new McpServer({ name: 'codegraph', version: '1.6.1' });
  server.registerTool('codegraph_explore', {}, () => ({ content: [{ type: 'text', text: 'f' }] }));
  await server.connect(decorate(new StdioServerTransport(requests, replies)));
  let onReply: (() => void) | undefined;
  replies.on('data', () => onReply?.());
  const ask = async (method: string, params: object): Promise<void> => {
    const replied = new Promise<void>((resolve) => (onReply = resolve));
    requests.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
    await replied;
  };
  const clientInfo = { name: 'claude-code', version: '2.1.0' };
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  return async () => {
    const start = performance.now();
    for (let call = 0; call < callsPerBatch; call++) {
      await ask('tools/call', { name: 'codegraph_explore', arguments: {} });
    }
    return ((performance.now() - start) * 1_000) / callsPerBatch;
  };
}
