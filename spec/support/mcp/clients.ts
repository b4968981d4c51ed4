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
  try {
    const { tools } = await client.listTools();
    const answers = await ask(calls, (name, args) => client.callTool({ name, arguments: args }));
    const names = tools.map(({ name }) => name);
    return {
      server: client.getServerVersion(),
      era: 'legacy',
      tools: names,
      answers,
      stderr: stderr(),
    };
  } finally {
    await client.close();
  }
};

/** Sessions of a client on the second: it says `initialize`, or asks by `server/discover` first. */
export function playV2(mode: 'legacy' | 'auto'): PlaySession {
  return async (launch, home, calls) => {
    const transport = new StdioV2(settings(launch, home));
    const client = new ClientV2(info, {
      capabilities: { roots: {} },
      versionNegotiation: { mode },
    });
    client.setRequestHandler('roots/list', () => ({ roots }));
    const stderr = collect(transport);
    await client.connect(transport);
    try {
      const { tools } = await client.listTools();
      const answers = await ask(calls, (name, args) => client.callTool({ name, arguments: args }));
      return {
        server: client.getServerVersion(),
        era: client.getNegotiatedProtocolVersion(),
        tools: tools.map(({ name }) => name),
        answers,
        stderr: stderr(),
      };
    } finally {
      await client.close();
    }
  };
}

function collect({ stderr }: Pick<StdioV1, 'stderr'>): () => string {
  let text = '';
  stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** All calls at once: what came out is in the order of the calls, not of the answers. */
async function ask(
  calls: Calls,
  callTool: (name: string, args: Record<string, unknown>) => Promise<unknown>,
): Promise<readonly unknown[]> {
  const answers = await Promise.allSettled(
    calls.map(([name, args]) => callTool(name, { ...args })),
  );
  return answers.map((answer) =>
    answer.status === 'fulfilled' ? answer.value : String(answer.reason),
  );
}
