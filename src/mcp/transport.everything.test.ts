// The decorated transport under a server that nobody here wrote, with all that the protocol has.

// A transport of the SDKs has no other way to listen.
// oxlint-disable unicorn/prefer-add-event-listener
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { type CallCounter, callCounter, counted } from '../../spec/support/mcp/call-counter.ts';
import { countToolCalls, type TransportLike } from './transport.ts';

type Wrap = <T extends TransportLike>(transport: T) => T;

interface Everything {
  readonly createServer: () => { readonly server: McpServer; readonly cleanup: () => void };
}

// Its package has no types.
const address: string = '@modelcontextprotocol/server-everything/dist/server/index.js';
const { createServer } = (await import(address)) as Everything;

interface Call {
  readonly name: string;
  readonly arguments?: Record<string, unknown>;
}

const calls: readonly Call[] = [
  { name: 'echo', arguments: { message: 'Ünïcödé \u2028 {"isError":true}' } },
  { name: 'echo', arguments: {} },
  { name: 'get-sum', arguments: { a: 2, b: 3 } },
  { name: 'get-tiny-image' },
  { name: 'get-structured-content', arguments: { location: 'New York' } },
  { name: 'get-annotated-message', arguments: { messageType: 'error', includeImage: true } },
  { name: 'get-resource-links', arguments: { count: 5 } },
  { name: 'trigger-sampling-request', arguments: { prompt: 'hello', maxTokens: 10 } },
  { name: 'trigger-elicitation-request' },
  { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 4 } },
  { name: 'codegraph_explore' },
];

/** Everything once; all that the client heard, in its order. */
async function play(wrap: Wrap): Promise<unknown[]> {
  const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
  const { server, cleanup } = createServer();
  const heard: unknown[] = [];
  const client = new Client(
    { name: 'cursor-vscode', version: '1.0.0' },
    // Roots it keeps for all its servers in a process, and asks for when it likes.
    { capabilities: { sampling: {}, elicitation: {} } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'none',
    role: 'assistant',
    content: { type: 'text', text: 'hello' },
  }));
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }));
  await server.connect(wrap(serverEnd));
  await client.connect(clientEnd);
  const listen = clientEnd.onmessage;
  clientEnd.onmessage = (message, extra) => {
    heard.push(JSON.parse(JSON.stringify(message)));
    listen?.(message, extra);
  };

  for (const call of calls) {
    await client
      .callTool(call, CallToolResultSchema, { onprogress: () => {} })
      .catch((error: unknown) => heard.push(String(error)));
  }
  await client.listTools();
  await client.listResources();
  await client.close();
  cleanup();
  return heard.filter(
    (message) => !/"method":"notifications\/(?!progress)/.test(JSON.stringify(message)),
  );
}

it('gives its client the same, and counts every call', async () => {
  const counter = callCounter();
  const bare = await play((transport) => transport);
  const heard = await play((transport) => countToolCalls(transport, counter));

  expect(heard).toEqual(bare);
  const client = 'cursor 1.0';
  expect(counter.calls).toEqual(
    calls.map(({ name, arguments: input }) => {
      const isWrong =
        name === 'codegraph_explore' || (name === 'echo' && input?.['message'] === undefined);
      const tool = name === 'codegraph_explore' ? name : 'other';
      return counted(tool, { ok: !isWrong, client });
    }),
  );
});

describe('a task', () => {
  /** Runs one on the reference server; `onCreated` is called when it has been taken on. */
  async function runTask(
    onCreated: (client: Client, taskId: string) => Promise<unknown>,
  ): Promise<CallCounter> {
    const counter = callCounter();
    const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
    const { server, cleanup } = createServer();
    const client = new Client(
      { name: 'cursor-vscode', version: '1.0.0' },
      { capabilities: { tasks: { requests: {} } } },
    );
    await server.connect(countToolCalls(serverEnd, counter));
    await client.connect(clientEnd);
    const stream = client.experimental.tasks.callToolStream(
      { name: 'simulate-research-query', arguments: { topic: 'tasks', ambiguous: false } },
      CallToolResultSchema,
      { task: { ttl: 60_000 } },
    );
    for await (const message of stream) {
      if (message.type !== 'taskCreated') continue;
      expect(counter.calls).toEqual([]);
      await onCreated(client, message.task.taskId);
    }
    await client.close();
    cleanup();
    return counter;
  }

  it('counts once, when its result is there', async () => {
    const counter = await runTask(() => Promise.resolve());
    expect(counter.calls).toEqual([counted('other', { client: 'cursor 1.0' })]);
  });

  it('does not count when it was cancelled', async () => {
    const counter = await runTask((client, taskId) => client.experimental.tasks.cancelTask(taskId));
    expect(counter.calls).toEqual([]);
  });
});
