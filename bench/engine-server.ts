import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { copyEngine } from '../spec/support/engine-copy.ts';
import { openHome } from '../spec/support/home.ts';
import type { Bench } from './bench.ts';
import { readBlocks } from './blocks.ts';
import { startEndpoint } from './endpoint.ts';
import { makeHome } from './home.ts';
import { initialize, openSession } from './mcp-session.ts';
import { interleave, median, medianAdded, medianOf } from './measure.ts';
import { programPath, publishedFiles, timeProcess } from './programs.ts';

// The first flush comes five seconds after the start. Ten seconds later V8 has given back what it does.
const sessionMs = 17_000;

// By then the server has started, and read what it reads once.
const startMs = 2_000;

interface ServerFigures {
  readonly privateMb: number;
  readonly longestBlockMs: number;
}

/** The engine itself with our module in the place of its own, beside the engine as it is published. */
export const engineServer: Bench = {
  name: 'engine-server',
  run: async (effort) => {
    using folder = openHome();
    const ours = copyEngine(folder);
    const published = publishedFiles.launcher;
    const home = makeHome();
    home.load('empty');
    const version = (launcher: string) => () => timeProcess(launcher, ['version'], home.env);
    const starts = await interleave(
      { ours: version(ours), published: version(published) },
      effort === 'full' ? 25 : 5,
    );
    home.remove();

    const runs = effort === 'full' ? 3 : 1;
    const serve = (launcher: string, env?: NodeJS.ProcessEnv) => () =>
      runServer(launcher, folder.root, env);
    const off = { DO_NOT_TRACK: '1' };
    const servers = await interleave(
      {
        ours: serve(ours),
        oursOff: serve(ours, off),
        published: serve(published),
        publishedOff: serve(published, off),
      },
      runs,
    );
    const memoryOf = (figures: readonly ServerFigures[]): readonly number[] =>
      figures.map(({ privateMb }) => privateMb);
    return [
      {
        what: 'codegraph version, our module in the engine',
        unit: 'ms',
        ours: median(starts.ours),
        published: median(starts.published),
        target: { times: 1, of: 'published' },
        because:
          'The code is read at each start, as above. The engine has loaded already what its own module needs.',
      },
      {
        what: 'a flush in the engine’s MCP server: longest block of its thread, CPU',
        unit: 'ms',
        ours: medianOf(servers.ours, 'longestBlockMs'),
        published: medianOf(servers.published, 'longestBlockMs'),
        beside: { 'while off': medianOf(servers.oursOff, 'longestBlockMs') },
        target: { atMost: 10 },
      },
      {
        what: 'a flush in the engine’s MCP server: memory kept ten seconds later',
        unit: 'MB',
        ours: medianAdded(memoryOf(servers.ours), memoryOf(servers.oursOff)),
        published: medianAdded(memoryOf(servers.published), memoryOf(servers.publishedOff)),
        target: { atMost: 12 },
        because:
          'It is the thread’s code, and what its allocator keeps. The published client has no thread.',
      },
    ];
  },
};

let folders = 0;

/** A session that makes one call, and in whose time a machine-day is flushed unless it is off. */
async function runServer(
  file: string,
  root: string,
  env: NodeJS.ProcessEnv | undefined,
): Promise<ServerFigures> {
  const endpoint = await startEndpoint('accepting');
  const home = makeHome(endpoint.url);
  const log = join(root, 'server-blocks');
  const cwd = join(root, `server-${folders++}`);
  mkdirSync(cwd);
  rmSync(log, { force: true });
  try {
    home.load('machine-day');
    const preload = `--import=${pathToFileURL(programPath('watch-blocks.mjs')).href}`;
    const session = openSession({
      file,
      args: ['serve', '--mcp'],
      cwd,
      env: { ...home.env, NODE_OPTIONS: preload, BLOCKS_LOG: log, ...env },
    });
    await session.ask(...initialize);
    await session.ask('tools/call', { name: 'codegraph_search', arguments: {} });
    const from = Date.now() + startMs;
    await wait(sessionMs);
    const privateMb = readPrivateMb(session.pid);
    const to = Date.now();
    await session.end();
    const { requests } = endpoint.take();
    if (requests > 0 !== (env === undefined)) throw new Error(`${file} sent ${requests} requests.`);
    return { privateMb, longestBlockMs: Math.max(0, ...readBlocks(log, from, to)) };
  } finally {
    home.remove();
    await endpoint.close();
  }
}

/** Resident memory without pages of files, on Linux; elsewhere none can be told. */
function readPrivateMb(pid: number): number {
  const path = `/proc/${pid}/status`;
  const status = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const read = (name: string): number =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return ((read('VmRSS') - read('RssFile')) * 1024) / 1e6;
}
