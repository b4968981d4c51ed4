import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = join(root, 'dist', 'codegraph.js');
const clock = fileURLToPath(new URL('clock-of-yesterday.mjs', import.meta.url));

/** How a command ended and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Day = 'yesterday' | 'today';

/** An agent as it introduces itself. */
export interface Agent {
  readonly name: string;
  readonly version: string;
}

/** A temporary home with a real project in it, and our built command. */
export interface Stage {
  readonly home: string;
  run(args: readonly string[], when: Day): Promise<Outcome>;
  /** Has an agent ask the MCP server; resolves with the first line of each answer. */
  ask(agent: Agent, queries: readonly string[], when: Day): Promise<readonly string[]>;
  clear(): void;
}

/** Copies this repository's own sources as the project. Nothing outside the folder is written. */
export function setStage(endpoint: string): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'codegraph-story-'));
  const home = join(folder, 'home');
  const project = join(folder, 'project');
  mkdirSync(home);
  for (const part of ['src', 'sender-thread', 'contract', 'worker/src']) {
    cpSync(join(root, part), join(project, part), { recursive: true });
  }
  return {
    home,
    run: (args, when) => {
      const env = environment(home, endpoint, when);
      // Not the synchronous form: the wire is tapped in this very process.
      return new Promise((resolve) => {
        execFile(
          process.execPath,
          [command, ...args],
          { cwd: project, env },
          (error, stdout, stderr) => {
            resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
          },
        );
      });
    },
    ask: async (agent, queries, when) => {
      const client = new Client(agent);
      const args = [command, 'serve', '--mcp'];
      const env = environment(home, endpoint, when);
      await client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args,
          cwd: project,
          env,
          stderr: 'ignore',
        }),
      );
      const answers: string[] = [];
      for (const query of queries) {
        const { content } = await client.callTool({
          name: 'codegraph_explore',
          arguments: { query },
        });
        answers.push(firstLine(content));
      }
      await client.close();
      return answers;
    },
    clear: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function firstLine(content: unknown): string {
  const [first] = content as readonly { readonly text?: string }[];
  return first?.text?.split('\n').find((line) => /\w/.test(line)) ?? '';
}

/** What a user's shell would have, and nothing of the choices of whoever runs this. */
function environment(home: string, endpoint: string, when: Day): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    USERPROFILE: home,
    CODEGRAPH_TELEMETRY_ENDPOINT: endpoint,
    CODEGRAPH_NO_UPDATE_CHECK: '1',
    // A shared daemon would outlive the story.
    CODEGRAPH_NO_DAEMON: '1',
    NO_COLOR: '1',
    ...(when === 'yesterday' && { NODE_OPTIONS: `--import=${clock}` }),
  };
}
