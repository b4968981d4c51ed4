import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { choiceFileName } from '../contract/files.ts';
import { openHome, type TestHome } from '../spec/support/home.ts';
import { copyPackage } from '../spec/support/package-copy.ts';
import type { Bench, Effort, Row } from './bench.ts';
import { readBlocks } from './blocks.ts';
import { startEndpoint } from './endpoint.ts';
import { type Home, makeHome } from './home.ts';
import { initialize, type Launch, type McpSession, openSession } from './mcp-session.ts';
import { interleave, median, medianAdded } from './measure.ts';
import { ourFiles, programPath, publishedFiles, runProgram } from './programs.ts';
import type { DecoratorFigures } from './programs/decorator.ts';

/**
 * `codegraph serve --mcp` with the tap in front of the engine, beside the engine's own: the start
 * against its npm command, each call against its launcher. And a server on the SDK that counts in
 * process, beside one that does not.
 */
export const mcp: Bench = {
  name: 'mcp',
  run: async (effort) => {
    using stage = setStage();
    return [
      await measureFirstReply(stage, effort),
      ...(await measureCalls(stage, effort)),
      await measureLongReply(stage, effort),
      await measureBlocks(stage, effort),
      await measureDecorator(stage, effort),
    ];
  },
};

/** Somebody who said yes, and folders without an index, where engines do not exclude each other. */
interface Stage extends Disposable {
  readonly home: Home;
  readonly folder: TestHome;
}

function setStage(): Stage {
  const home = makeHome();
  const folder = openHome();
  home.load('empty');
  return {
    home,
    folder,
    [Symbol.dispose]() {
      home.remove();
      folder[Symbol.dispose]();
    },
  };
}

const serve = ['serve', '--mcp'];

function launch({ home, folder }: Stage, file: string, args: string[], env = {}): Launch {
  const cwd = join(folder.project, String(folders++));
  mkdirSync(cwd);
  return { file, args: [...args, ...serve], cwd, env: { ...home.env, ...env } };
}

let folders = 0;

// The engine's own telemetry would cost it something too; that is another bench's business.
const silent = { CODEGRAPH_TELEMETRY: '0' };

async function measureFirstReply(stage: Stage, effort: Effort): Promise<Row> {
  const time =
    (file: string, args: string[], env = {}) =>
    async (): Promise<number> => {
      const start = performance.now();
      const session = openSession(launch(stage, file, args, env));
      await session.ask(...initialize);
      const elapsedMs = performance.now() - start;
      await session.end();
      return elapsedMs;
    };
  const samples = await interleave(
    {
      tapped: time(process.execPath, [ourFiles.command]),
      shim: time(process.execPath, [publishedFiles.shim], silent),
      launcher: time(publishedFiles.launcher, [], silent),
    },
    effort === 'full' ? 41 : 7,
  );
  return {
    what: 'MCP, first reply of a session: later than by the engine’s npm command, p50',
    unit: 'ms',
    ours: medianAdded(samples.tapped, samples.shim),
    beside: {
      tapped: median(samples.tapped),
      'npm command': median(samples.shim),
      'launcher alone': median(samples.launcher),
    },
    target: { atMost: 10 },
  };
}

async function measureCalls(stage: Stage, effort: Effort): Promise<readonly Row[]> {
  const tapped = openSession(launch(stage, process.execPath, [ourFiles.command]));
  const bare = openSession(launch(stage, publishedFiles.launcher, [], silent));
  const relayArgs = [programPath('relay.mjs'), publishedFiles.launcher];
  const relayed = openSession(launch(stage, process.execPath, relayArgs, silent));
  // A search for nothing: the shortest work that is a tool call.
  const call = async (session: McpSession): Promise<number> =>
    await session.ask('tools/call', { name: 'codegraph_search', arguments: {} });
  try {
    for (const session of [tapped, bare, relayed]) await session.ask(...initialize);
    const contestants = {
      tapped: () => call(tapped),
      bare: () => call(bare),
      relayed: () => call(relayed),
    };
    await interleave(contestants, 300);
    const samples = await interleave(contestants, effort === 'full' ? 5_000 : 500);
    const row = (name: string, share: number, atMost: number): Row => {
      const [ours, theirs] = [quantile(samples.tapped, share), quantile(samples.bare, share)];
      // Nothing in between can be faster, and what it looks at is ours to answer for.
      const relay = quantile(samples.relayed, share);
      return {
        what: `MCP, a tool call: later than without the tap, ${name}`,
        unit: 'ms',
        ours: ours - theirs,
        beside: { tapped: ours, bare: theirs, 'a relay that looks at nothing': relay },
        target: { atMost },
      };
    };
    return [row('p50', 0.5, 0.15), row('p99', 0.99, 0.5)];
  } finally {
    await Promise.all([tapped.end(), bare.end(), relayed.end()]);
  }
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!;
}

/** With client and server of the official SDK: both parse what they send and get. */
async function measureLongReply(stage: Stage, effort: Effort): Promise<Row> {
  const { home, folder } = stage;
  const server = join(folder.root, 'server.mjs');
  const program = pathToFileURL(programPath('long-reply-server.mjs')).href;
  writeFileSync(server, `#!${process.execPath}\nimport '${program}';\n`);
  chmodSync(server, 0o755);
  const env = { ...home.env, CODEGRAPH_ENGINE: server } as Record<string, string>;
  const [tapped, bare] = await Promise.all([
    connect(process.execPath, [copyPackage(folder), ...serve], env),
    connect(server, [...serve], env),
  ]);
  const call = (client: Client) => async (): Promise<number> => {
    const start = performance.now();
    await client.callTool({ name: 'codegraph_explore' });
    return performance.now() - start;
  };
  try {
    const contestants = { tapped: call(tapped), bare: call(bare) };
    await interleave(contestants, 5);
    const samples = await interleave(contestants, effort === 'full' ? 61 : 11);
    return {
      what: 'MCP, a reply of 5 MB: with the tap, against without',
      unit: 'ms',
      ours: median(samples.tapped),
      beside: { bare: median(samples.bare) },
      target: { times: 1.05, of: 'bare' },
    };
  } finally {
    await Promise.all([tapped.close(), bare.close()]);
  }
}

async function connect(
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<Client> {
  const client = new Client({ name: 'claude-code', version: '2.1.0' });
  await client.connect(new StdioClientTransport({ command, args, env, stderr: 'ignore' }));
  return client;
}

// Between two messages a block of this length is one that a client could notice.
const longMs = 10;

/** Sessions in which the flush of a machine-day takes place, and such without. */
async function measureBlocks(stage: Stage, effort: Effort): Promise<Row> {
  const { flushing, quiet } = await interleave(
    { flushing: () => findBlocks(stage, true), quiet: () => findBlocks(stage, false) },
    effort === 'full' ? 5 : 1,
  );
  const longest = (blocks: readonly number[]): number => Math.max(0, ...blocks);
  const countLong = (blocks: readonly number[]): number =>
    blocks.filter((cpuMs) => cpuMs > longMs).length;
  return {
    what: 'MCP, longest block of the protocol thread by a session with a flush, CPU',
    unit: 'ms',
    ours: median(flushing.map(longest)),
    beside: {
      [`how many over ${longMs}`]: median(flushing.map(countLong)),
      'without a flush': median(quiet.map(longest)),
    },
    target: { atMost: 20 },
  };
}

// The first flush comes five seconds after the first call; then it takes its time.
const sessionMs = 7_000;

/** Each block of a session, by what it took of the CPU. */
async function findBlocks(stage: Stage, hasLoad: boolean): Promise<readonly number[]> {
  const endpoint = await startEndpoint('accepting');
  const home = makeHome(endpoint.url);
  const log = join(stage.folder.root, 'blocks');
  rmSync(log, { force: true });
  try {
    home.load(hasLoad ? 'machine-day' : 'empty');
    // Who sends nothing does not flush either, with so little in the buffer.
    if (!hasLoad) writeFileSync(choiceOf(home), '{ "enabled": false, "mode": "local" }');
    // As an argument: the engine below has no part in it.
    const preload = `--import=${pathToFileURL(programPath('watch-blocks.mjs')).href}`;
    const ours = launch(stage, process.execPath, [preload, ourFiles.command]);
    const session = openSession({ ...ours, env: { ...home.env, BLOCKS_LOG: log } });
    await session.ask(...initialize);
    const from = Date.now();
    for (const until = performance.now() + sessionMs; performance.now() < until;) {
      await session.ask('tools/call', { name: 'codegraph_search', arguments: {} });
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
    const to = Date.now();
    await session.end();
    if (hasLoad && endpoint.take().requests === 0) throw new Error('The session did not flush.');
    return readBlocks(log, from, to);
  } finally {
    home.remove();
    await endpoint.close();
  }
}

function choiceOf({ buffer }: Home): string {
  return join(dirname(dirname(buffer)), choiceFileName);
}

// Nobody can see it: a pipe between two processes alone takes more than ten times as long, and by
// that much more or less from call to call.
const maxDecoratorMicroseconds = 5;

async function measureDecorator({ home }: Stage, effort: Effort): Promise<Row> {
  const args = [programPath('decorator.ts'), effort === 'full' ? '2000' : '200'];
  const { counted, bare, added } = await runProgram<DecoratorFigures>(args, home.env);
  return {
    what: 'MCP in process, a tool call: longer than by the SDK alone',
    unit: 'µs',
    ours: added,
    beside: { counted, bare },
    target: { atMost: maxDecoratorMicroseconds },
  };
}
