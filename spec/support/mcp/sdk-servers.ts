import { InMemoryTransport as TransportV1 } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  InMemoryTransport as TransportV2,
  inputRequired,
  McpServer as ServerV2,
} from '@modelcontextprotocol/server';

/** Lets calls wait until a test lets them go. */
export class Gate {
  readonly #waiting = new Map<string, (() => void)[]>();

  wait(name: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
    });
  }

  /** Whether a call waits under this name. */
  holds(name: string): boolean {
    return (this.#waiting.get(name) ?? []).length > 0;
  }

  open(name: string): void {
    for (const resolve of this.#waiting.get(name) ?? []) resolve();
    this.#waiting.delete(name);
  }
}

/** Tools that wait at the gate, each under its own name. */
export const waitingTools = ['codegraph_callers', 'codegraph_callees', 'codegraph_impact'];

const info = { name: 'codegraph', version: '1.6.1' };
const text = (words: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: words }],
});

/** A server on the first major of the official SDK, with a tool for each way a call can end. */
export function makeServerV1(gate: Gate): ServerV1 {
  const server = new ServerV1(info);
  const tools = toolsAt(gate, () => server.server.listRoots());
  for (const [name, run] of Object.entries(tools)) {
    server.registerTool(name, {}, async () => text(JSON.stringify(await run())));
  }
  server.registerTool('codegraph_node', {}, () => ({ ...text('no such node'), isError: true }));
  return server;
}

/** The same on the second major, and one that asks before it answers. */
export function makeServerV2(gate: Gate): ServerV2 {
  const server = new ServerV2(info);
  const tools = toolsAt(gate, () => server.server.listRoots());
  for (const [name, run] of Object.entries(tools)) {
    server.registerTool(name, {}, async () => text(JSON.stringify(await run())));
  }
  server.registerTool('codegraph_node', {}, () => ({ ...text('no such node'), isError: true }));
  server.registerTool('ask_first', {}, (context) =>
    context.mcpReq.inputResponses === undefined
      ? inputRequired({ inputRequests: { where: inputRequired.listRoots() } })
      : text('thank you'),
  );
  return server;
}

function toolsAt(
  gate: Gate,
  listRoots: () => Promise<object>,
): Readonly<Record<string, () => Promise<object>>> {
  const waiting = waitingTools.map((name): [string, () => Promise<object>] => [
    name,
    async () => {
      await gate.wait(name);
      return { waited: name };
    },
  ]);
  return {
    codegraph_explore: () => Promise.resolve({ found: true }),
    codegraph_search: () => Promise.reject(new Error('no index')),
    codegraph_status: () => listRoots(),
    codegraph_files: () => Promise.resolve({ files: 'x'.repeat(1_000_000) }),
    private_tool: () => Promise.resolve({ secret: true }),
    ...Object.fromEntries(waiting),
  };
}

/** A pair of linked transports of either major. */
export const linkedV1 = (): [TransportV1, TransportV1] => TransportV1.createLinkedPair();
export const linkedV2 = (): [TransportV2, TransportV2] => TransportV2.createLinkedPair();
