import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { unpack } from 'msgpackr';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bufferFile } from '../../contract/files.ts';
import { type FrameCounter, readFrame, scanFrames } from '../../contract/frame.ts';
import { type CommandResult, runCommand } from '../run-command.ts';
import { withSealedEnvironment } from '../sealed-environment.ts';
import { modules, pinnedNode, root } from '../set-up/paths.mjs';
import { findSamples } from './read-markdown.ts';

// What the samples of the README call theirs, and a program that makes use of each.
const surroundings = {
  'tools.ts': `export async function runTool(name: string, _args: object): Promise<{ isError?: boolean }> {
  if (name === 'codegraph_node') throw new Error('as tools do');
  return { isError: name === 'codegraph_files' };
}
`,
  'use-host-mcp.ts': `import { callTool } from './host-mcp.ts';
const client = { name: 'claude-code', version: '2.1.30' };
await callTool('codegraph_explore', {}, client);
await callTool('codegraph_explore', {}, client);
await callTool('codegraph_files', {});
await callTool('codegraph_node', {}).catch(() => undefined);
`,
  'package.json': '{ "type": "module" }\n',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      module: 'nodenext',
      target: 'es2023',
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      allowImportingTsExtensions: true,
    },
  }),
};

let folder: string;

// The README's code, beside an installed package.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-samples-'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of ['commander', '@modelcontextprotocol', '@types']) {
    await symlink(join(modules, name), join(folder, 'node_modules', name), 'junction');
  }
  await symlink(root, join(folder, 'node_modules', 'codegraph-telemetry'), 'junction');
  const samples = findSamples(await readFile(join(root, 'README.md'), 'utf8'));
  const texts = samples.map(({ name, text }) => [name, text] as const);
  for (const [name, text] of [...texts, ...Object.entries(surroundings)]) {
    await writeFile(join(folder, name), text);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('the samples have the types that they need', async () => {
  const compiler = join(modules, 'typescript', 'bin', 'tsc');
  const result = await runCommand(pinnedNode, [compiler, '--project', folder], {
    cwd: folder,
    env: process.env,
  });

  expect(result).toEqual({ code: 0, output: '' });
});

it.each([
  {
    name: 'a command line counts its commands',
    args: ['host-commander.ts', 'query', 'thread'],
    output: 'looking for thread\n',
    counters: [[0, 'query', 1, 0]],
  },
  {
    name: 'an MCP server by hand counts its tool calls',
    args: ['use-host-mcp.ts'],
    output: '',
    counters: [
      [1, 'codegraph_explore', 2, 0, 'claude-code', '2.1'],
      [1, 'codegraph_files', 1, 1],
      [1, 'codegraph_node', 1, 1],
    ],
  },
])('$name', async ({ args, output, counters }) => {
  const { result, counted } = await runSample(args);

  expect(result).toEqual({ code: 0, output });
  expect(counted).toEqual(counters);
});

it('an MCP server with the SDK counts its tool calls', async () => {
  const counted = await withSealedEnvironment(async (env, home) => {
    const client = new Client({ name: 'zed', version: '1.2.3' });
    const server = new StdioClientTransport({
      command: pinnedNode,
      args: ['host-sdk.ts'],
      cwd: folder,
      env: { ...withoutGaps(env), CODEGRAPH_TELEMETRY: '1' },
    });
    await client.connect(server);
    await client.callTool({ name: 'codegraph_status' });
    await client.close();
    return readCounters(home);
  });

  expect(counted).toEqual([[1, 'codegraph_status', 1, 0, 'zed', '1.2']]);
});

/** Runs a program as its user would; `counted` are the counters that it has left in the buffer. */
async function runSample(
  args: readonly string[],
): Promise<{ result: CommandResult; counted: readonly FrameCounter[] }> {
  return withSealedEnvironment(async (env, home) => {
    const result = await runCommand(pinnedNode, args, {
      cwd: folder,
      env: { ...env, CODEGRAPH_TELEMETRY: '1' },
    });
    return { result, counted: await readCounters(home) };
  });
}

async function readCounters(home: string): Promise<readonly FrameCounter[]> {
  const bytes = await readFile(join(home, '.codegraph', bufferFile));
  const frames = scanFrames(bytes).payloads.map((payload) => readFrame(unpack(payload)));
  return frames.flatMap((frame) => frame?.counters ?? []);
}

function withoutGaps(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
