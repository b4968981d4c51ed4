import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { TestHome } from '../home.ts';
import type { Launch } from './front.ts';
import { consentingEnv } from './process.ts';

/** What a session asks of a server: tools by name, with their arguments. */
export type Calls = readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>])[];

/** What a client saw: of each call its result, or the error that it was. */
export interface Transcript {
  readonly server: unknown;
  readonly era: unknown;
  readonly tools: readonly string[];
  readonly answers: readonly unknown[];
  readonly stderr: string;
}

/** A client that nobody here wrote, in one of its manners. */
export type PlaySession = (launch: Launch, home: TestHome, calls: Calls) => Promise<Transcript>;

const info = { name: 'test-agent', version: '3.2.1' };
const roots = [{ uri: 'file:///somewhere', name: 'somewhere' }];

function settings(launch: Launch, home: TestHome) {
  return {
    command: launch.command,
    args: [...launch.args],
    env: { ...consentingEnv(home), ...launch.env },
    cwd: launch.cwd ?? home.project,
    stderr: 'pipe' as const,
  };
}

/** A session of a client on the first major. */
export const playV1: PlaySession = async (launch, home, calls) => {
  const transport = new StdioV1(settings(launch, home));
  const client = new ClientV1(info, { capabilities: { roots: {} } });
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots }));
  const stderr = collect(transport);
  await client.connect(transport);
  return await transcribe(client, 'legacy', calls, stderr);
};

/**
 * A session of a client on the second: it asks by `server/discover` first, and says `initialize` to a
 * server that refuses that.
 */
export const playV2: PlaySession = async (launch, home, calls) => {
  const transport = new StdioV2(settings(launch, home));
  const client = new ClientV2(info, {
    capabilities: { roots: {} },
    versionNegotiation: { mode: 'auto' },
  });
  client.setRequestHandler('roots/list', () => ({ roots }));
  const stderr = collect(transport);
  await client.connect(transport);
  return await transcribe(client, client.getNegotiatedProtocolVersion(), calls, stderr);
};

/** Makes the calls, all at once; what came out is in their order, not in that of the answers. */
async function transcribe(
  client: ClientV1 | ClientV2,
  era: unknown,
  calls: Calls,
  stderr: () => string,
): Promise<Transcript> {
  try {
    const { tools } = await client.listTools();
    const answers = await Promise.allSettled(
      calls.map(([name, args]) => client.callTool({ name, arguments: { ...args } })),
    );
    return {
      server: client.getServerVersion(),
      era,
      tools: tools.map(({ name }) => name),
      answers: answers.map((answer) =>
        answer.status === 'fulfilled' ? answer.value : String(answer.reason),
      ),
      stderr: stderr(),
    };
  } finally {
    await client.close();
  }
}

function collect({ stderr }: Pick<StdioV1, 'stderr'>): () => string {
  let text = '';
  stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}
