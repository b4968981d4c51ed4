// Clients of both official SDKs, over each transport that a host would decorate. Each session is
// played bare and counted, and what went over the wire must be the same.
import { mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  Client as ClientV2,
  type ClientOptions,
  StreamableHTTPClientTransport as HttpClientV2,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpClientV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StdioServerTransport as StdioV1 } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport as NodeHttpV1 } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  createMcpHandler,
  WebStandardStreamableHTTPServerTransport as HttpV2,
} from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport as StdioV2 } from '@modelcontextprotocol/server/stdio';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { framesIn } from '../../spec/support/buffer.ts';
import { callCounter, type CountedCall, counted } from '../../spec/support/mcp/call-counter.ts';
import { Gate, linkedV2, makeServerV1, makeServerV2 } from '../../spec/support/mcp/sdk-servers.ts';
import { temporaryFolder } from '../../spec/support/home.ts';
import { countToolCalls, type TransportLike } from './transport.ts';

type Wrap = <T extends TransportLike>(transport: T) => T;

/** Plays bare, then counted; what each gives back must be the same. Says what was counted. */
async function playBoth(play: (wrap: Wrap) => Promise<unknown>): Promise<readonly CountedCall[]> {
  const counter = callCounter();
  const bare = await play((transport) => transport);
  const heard = await play((transport) => countToolCalls(transport, counter));
  expect(heard).toEqual(bare);
  return counter.calls;
}

const explore = 'codegraph_explore';
const codex = { name: 'codex-mcp-client', version: '0.165.0' };
const cursor = { name: 'cursor-vscode', version: '1.0.0' };

const auto: ClientOptions = { versionNegotiation: { mode: 'auto' } };
const pinned: ClientOptions = { versionNegotiation: { mode: { pin: '2026-07-28' } } };
const legacy: ClientOptions = { versionNegotiation: { mode: 'legacy' } };
const eras = [
  ['that asks for discovery first', auto],
  ['of the newest protocol only', pinned],
  ['of the older protocols', legacy],
] as const;

/** One call of each kind; what came back. */
async function callAll(
  client: Pick<ClientV1, 'callTool'> | Pick<ClientV2, 'callTool'>,
): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const name of [explore, 'codegraph_node', 'codegraph_search', 'private_tool', 'nobodys']) {
    results.push(
      await client.callTool({ name }).catch((error: unknown) => {
        const { code, message } = error as { code: unknown; message: unknown };
        return { code, message };
      }),
    );
  }
  return results;
}

const allCalls = (client: string): CountedCall[] => [
  counted(explore, { client }),
  counted('codegraph_node', { ok: false, client }),
  counted('codegraph_search', { ok: false, client }),
  counted('other', { client }),
  counted('other', { ok: false, client }),
];

/** Where what is counted first is a matter of chance. */
const byTool = (calls: readonly CountedCall[]): readonly CountedCall[] =>
  calls.toSorted((a, b) => (a.tool < b.tool ? -1 : 1));

describe('over stdio', () => {
  const lines = [
    {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: codex,
      },
    },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: explore } },
    { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'codegraph_files' } },
    { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'codegraph_node' } },
  ];
  const input = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

  async function exchange(
    start: (stdin: PassThrough, stdout: PassThrough) => Promise<unknown>,
  ): Promise<string> {
    const stdin = new PassThrough();
    const stdout = new PassThrough({ highWaterMark: 64 * 1024 });
    await start(stdin, stdout);
    // In odd pieces, as pipes give them.
    for (let at = 0; at < input.length; at += 37) stdin.write(input.subarray(at, at + 37));
    let output = '';
    stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    while (output.split('\n').length <= 4) await new Promise(setImmediate);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    return output;
  }

  const expected = [
    counted(explore, { client: 'codex 0.165' }),
    counted('codegraph_files', { client: 'codex 0.165' }),
    counted('codegraph_node', { ok: false, client: 'codex 0.165' }),
  ];

  test('v1 writes the same bytes, and counts them', async () => {
    const calls = await playBoth((wrap) =>
      exchange((stdin, stdout) =>
        makeServerV1(new Gate()).connect(wrap(new StdioV1(stdin, stdout))),
      ),
    );
    expect(byTool(calls)).toEqual(expected);
  });

  test('v2 writes the same bytes, and counts them', async () => {
    const calls = await playBoth((wrap) =>
      exchange((stdin, stdout) =>
        makeServerV2(new Gate()).connect(wrap(new StdioV2(stdin, stdout))),
      ),
    );
    expect(byTool(calls)).toEqual(expected);
  });

  test('v2 does so by `serveStdio`', async () => {
    const calls = await playBoth((wrap) =>
      exchange((stdin, stdout) => {
        const transport = wrap(new StdioV2(stdin, stdout));
        return Promise.resolve(serveStdio(() => makeServerV2(new Gate()), { transport }));
      }),
    );
    expect(byTool(calls)).toEqual(expected);
  });

  test.each(['v1', 'v2'])(
    'a reply that waits in the pipe of %s counts when it is out',
    async (major) => {
      const counter = callCounter();
      const stdin = new PassThrough();
      const stdout = new PassThrough({ highWaterMark: 16 });
      if (major === 'v1') {
        await makeServerV1(new Gate()).connect(countToolCalls(new StdioV1(stdin, stdout), counter));
      } else {
        await makeServerV2(new Gate()).connect(countToolCalls(new StdioV2(stdin, stdout), counter));
      }
      stdin.write(`${JSON.stringify(lines[2])}\n`);
      while (stdout.readableLength === 0) await new Promise(setImmediate);
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      expect(counter.calls).toEqual([]);
      stdout.resume();
      while (counter.calls.length === 0) await new Promise(setImmediate);
      expect(counter.calls).toEqual([counted(explore)]);
    },
  );
});

describe('case 10: a v2 client', () => {
  test.each(eras)('%s is known to `serveStdio`', async (_, options) => {
    const calls = await playBoth(async (wrap) => {
      const [clientEnd, wire] = linkedV2();
      const handle = serveStdio(() => makeServerV2(new Gate()), { transport: wrap(wire) });
      const client = new ClientV2(codex, options);
      await client.connect(clientEnd);
      const results = await callAll(client);
      await client.close();
      await handle.close();
      return { results, version: client.getServerVersion() };
    });
    expect(calls).toEqual(allCalls('codex 0.165'));
  });

  test('case 4: that is asked before it is answered has made one call', async () => {
    const calls = await playBoth(async (wrap) => {
      const [clientEnd, wire] = linkedV2();
      const handle = serveStdio(() => makeServerV2(new Gate()), { transport: wrap(wire) });
      const client = new ClientV2(codex, { ...pinned, capabilities: { roots: {} } });
      let questions = 0;
      client.setRequestHandler('roots/list', () => {
        questions += 1;
        return { roots: [] };
      });
      await client.connect(clientEnd);
      const result = await client.callTool({ name: 'ask_first' });
      await client.close();
      await handle.close();
      expect(questions).toBe(1);
      return result;
    });
    expect(calls).toEqual([counted('other', { client: 'codex 0.165' })]);
  });
});

/** What went over HTTP, in the order of the requests. */
interface Exchange {
  readonly request: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A fetch that notes every POST whole, and how to wait for all of them. */
function watchedFetch(handle: (request: Request) => Promise<Response>): {
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<Response>;
  readonly exchanges: () => Promise<Exchange[]>;
} {
  const exchanges: Promise<Exchange>[] = [];
  return {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const text = await request.clone().text();
      const response = await handle(request);
      const headers = Object.fromEntries(
        [...response.headers].filter(([name]) => !['date', 'connection'].includes(name)),
      );
      // The stream that a GET opens stays open.
      if (request.method !== 'POST') return response;
      const [ours, theirs] = response.body?.tee() ?? [null, null];
      exchanges.push(
        (async () => ({
          request: text,
          status: response.status,
          headers,
          body: ours === null ? '' : await new Response(ours).text().catch(() => 'aborted'),
        }))(),
      );
      return new Response(theirs, response);
    },
    exchanges: async () => await Promise.all(exchanges),
  };
}

const url = new URL('http://127.0.0.1/mcp');

describe('over Streamable HTTP', () => {
  test('case 17: two clients with sessions are told apart, on v1 and a real socket', async () => {
    const calls = await playBoth(async (wrap) => {
      const sessions = new Map<string, NodeHttpV1>();
      const gate = new Gate();
      const http = createServer((request, response) => {
        void (async () => {
          const known = sessions.get(String(request.headers['mcp-session-id']));
          if (known !== undefined) return await known.handleRequest(request, response);
          const transport: NodeHttpV1 = new NodeHttpV1({
            sessionIdGenerator: () => `session-${sessions.size}`,
            onsessioninitialized: (id) => {
              sessions.set(id, transport);
            },
          });
          await makeServerV1(gate).connect(wrap(transport));
          await transport.handleRequest(request, response);
        })();
      });
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
      const { port } = http.address() as AddressInfo;
      const { fetch, exchanges } = watchedFetch((request) => globalThis.fetch(request));
      const connect = async (info: typeof codex): Promise<ClientV1> => {
        const client = new ClientV1(info);
        const address = new URL(`http://127.0.0.1:${port}/mcp`);
        await client.connect(new HttpClientV1(address, { fetch }));
        return client;
      };
      try {
        const first = await connect(codex);
        const second = await connect(cursor);
        // The same id in both, open at the same time.
        const slow = first.callTool({ name: 'codegraph_callers' });
        const other = second.callTool({ name: 'codegraph_callees' });
        while (!gate.holds('codegraph_callers') || !gate.holds('codegraph_callees')) {
          await new Promise(setImmediate);
        }
        gate.open('codegraph_callees');
        await other;
        gate.open('codegraph_callers');
        await slow;
        const results = [await callAll(first), await callAll(second)];
        await first.close();
        await second.close();
        return results;
      } finally {
        for (const transport of sessions.values()) await transport.close();
        http.closeAllConnections();
        await new Promise((resolve) => http.close(resolve));
        await exchanges();
      }
    });
    expect(calls).toEqual([
      counted('codegraph_callees', { client: 'cursor 1.0' }),
      counted('codegraph_callers', { client: 'codex 0.165' }),
      ...allCalls('codex 0.165'),
      ...allCalls('cursor 1.0'),
    ]);
  });

  test.each([true, false])(
    'a session on v2 is the same on the wire, as plain JSON: %j',
    async (enableJsonResponse) => {
      const calls = await playBoth(async (wrap) => {
        const transport = wrap(
          new HttpV2({ sessionIdGenerator: () => 'session', enableJsonResponse }),
        );
        await makeServerV2(new Gate()).connect(transport);
        const { fetch, exchanges } = watchedFetch((request) => transport.handleRequest(request));
        const client = new ClientV2(codex, legacy);
        await client.connect(new HttpClientV2(url, { fetch }));
        await callAll(client);
        await client.close();
        await transport.close();
        return await exchanges();
      });
      expect(calls).toEqual(allCalls('codex 0.165'));
    },
  );

  test.each(['v1', 'v2'])(
    'case 17: without sessions, the calls of %s count and have no client',
    async (major) => {
      const calls = await playBoth(async (wrap) => {
        const handle = async (request: Request): Promise<Response> => {
          const transport = wrap(new HttpV2({}));
          if (major === 'v2') await makeServerV2(new Gate()).connect(transport);
          else await makeServerV1(new Gate()).connect(transport);
          return await transport.handleRequest(request);
        };
        const { fetch, exchanges } = watchedFetch(handle);
        const client = new ClientV2(codex, legacy);
        await client.connect(new HttpClientV2(url, { fetch }));
        await callAll(client);
        await client.close();
        return await exchanges();
      });
      expect(calls).toEqual(allCalls('').map((call) => ({ ...call, client: null })));
    },
  );

  test('case 7: the calls of a batch count each, and so do those of two at once', async () => {
    const calls = await playBoth(async (wrap) => {
      const gate = new Gate();
      const transport = wrap(new HttpV2({ sessionIdGenerator: () => 'session' }));
      await makeServerV1(gate).connect(transport);
      const post = async (body: unknown): Promise<string> => {
        const headers = {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-session-id': 'session',
        };
        const request = new Request(url, { method: 'POST', headers, body: JSON.stringify(body) });
        return await (await transport.handleRequest(request)).text();
      };
      const call = (id: number, name: string): object => ({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name },
      });
      const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: codex };
      const bodies = [await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params })];
      const slow = post([
        call(1, 'codegraph_callers'),
        call(2, explore),
        call(3, 'codegraph_node'),
      ]);
      const other = post([call(4, 'nobodys'), { jsonrpc: '2.0', id: 5, method: 'ping' }]);
      bodies.push(await other);
      gate.open('codegraph_callers');
      bodies.push(await slow);
      await transport.close();
      return bodies;
    });
    const client = 'codex 0.165';
    expect(calls.at(-1)).toEqual(counted('codegraph_callers', { client }));
    expect(byTool(calls)).toEqual([
      counted('codegraph_callers', { client }),
      counted(explore, { client }),
      counted('codegraph_node', { ok: false, client }),
      counted('other', { ok: false, client }),
    ]);
  });

  it('counts no call whose client has gone before the reply', async () => {
    const calls = await playBoth(async (wrap) => {
      const gate = new Gate();
      const transport = wrap(new HttpV2({ sessionIdGenerator: () => 'session' }));
      await makeServerV2(gate).connect(transport);
      const client = new ClientV2(codex, legacy);
      await client.connect(
        new HttpClientV2(url, {
          fetch: (input, init) => transport.handleRequest(new Request(input, init)),
        }),
      );
      const aborted = new AbortController();
      const call = client.callTool({ name: 'codegraph_callers' }, { signal: aborted.signal });
      while (!gate.holds('codegraph_callers')) await new Promise(setImmediate);
      aborted.abort();
      const outcome = await call.catch(() => 'aborted');
      gate.open('codegraph_callers');
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      await client.close();
      await transport.close();
      return outcome;
    });
    expect(calls).toEqual([]);
  });
});

describe('case 17: by `createMcpHandler`', () => {
  /** As the documentation of `countToolCalls` has it. */
  function handlerWith(wrap: Wrap): ReturnType<typeof createMcpHandler> {
    return createMcpHandler(() => {
      const server = makeServerV2(new Gate());
      const connect = server.connect.bind(server);
      server.connect = (transport) => connect(wrap(transport));
      return server;
    });
  }

  test.each(eras)('a v2 client %s gets the same, and is counted', async (_, options) => {
    const calls = await playBoth(async (wrap) => {
      const handler = handlerWith(wrap);
      const { fetch, exchanges } = watchedFetch((request) => handler.fetch(request));
      const client = new ClientV2(codex, options);
      await client.connect(new HttpClientV2(url, { fetch }));
      await callAll(client);
      await client.close();
      await handler.close();
      return await exchanges();
    });
    const client = options === legacy ? null : 'codex 0.165';
    expect(calls).toEqual(allCalls('').map((call) => ({ ...call, client })));
  });

  test('a question and its answer are one call', async () => {
    const calls = await playBoth(async (wrap) => {
      const handler = handlerWith(wrap);
      const client = new ClientV2(codex, { ...pinned, capabilities: { roots: {} } });
      client.setRequestHandler('roots/list', () => ({ roots: [] }));
      const fetch = (input: string | URL, init?: RequestInit): Promise<Response> =>
        handler.fetch(new Request(input, init));
      await client.connect(new HttpClientV2(url, { fetch }));
      const result = await client.callTool({ name: 'ask_first' });
      await client.close();
      await handler.close();
      return result;
    });
    expect(calls).toEqual([counted('other', { client: 'codex 0.165' })]);
  });
});

describe('a host as a process', () => {
  const program = join(import.meta.dirname, '../../spec/support/programs/sdk-host.ts');

  function startHost(
    major: string,
    env: Record<string, string> = {},
  ): {
    readonly transport: StdioClientTransport;
    readonly folder: string;
  } {
    const home = temporaryFolder();
    const folder = join(home, '.codegraph');
    mkdirSync(folder);
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [program, major],
      env: { HOME: home, USERPROFILE: home, CODEGRAPH_TELEMETRY: '1', ...env },
      stderr: 'pipe',
    });
    let stderr = '';
    transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    onTestFinished(() => {
      expect(stderr).toBe('');
    });
    return { transport, folder };
  }

  test.each(['v1', 'v2'])('leaves its counts when its client goes, on %s', async (major) => {
    const { transport, folder } = startHost(major);
    const client = new ClientV2(codex, major === 'v1' ? legacy : auto);
    await client.connect(transport);
    await callAll(client);
    await client.close();

    const [frame, ...more] = framesIn(folder);
    expect(more).toEqual([]);
    expect(frame?.counters.map(([, ...counter]) => counter)).toEqual([
      [explore, 1, 0, 'codex', '0.165'],
      ['codegraph_node', 1, 1, 'codex', '0.165'],
      ['codegraph_search', 1, 1, 'codex', '0.165'],
      ['other', 2, 1, 'codex', '0.165'],
    ]);
  });

  it('leaves nothing when it saw no call, not even for a probe before', async () => {
    const { transport, folder } = startHost('v2');
    const client = new ClientV2(codex, auto);
    await client.connect(transport);
    await client.listTools();
    await client.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([[{ CODEGRAPH_TELEMETRY: '0' }], [{ DO_NOT_TRACK: '1' }]])(
    'case 18: leaves nothing when it is off by %j',
    async (env) => {
      const { transport, folder } = startHost('v1', env);
      const client = new ClientV2(codex, legacy);
      await client.connect(transport);
      await callAll(client);
      await client.close();
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});
