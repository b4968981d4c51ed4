/** Increments, ours beside its peers, in one process; prints `IncrementFigures` as JSON. */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Peers from './peers.cjs';
import type * as Library from '../../src/index.ts';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { choiceFileName } from '../../contract/files.ts';
import { consentMaxAgeMs } from '../../contract/limits.ts';
import { tools } from '../../contract/report/lists.ts';
import { interleave, median } from '../measure.ts';
import { ofPeers } from '../peers.ts';
import { ourFiles, publishedFiles } from '../programs.ts';

/** By contestant. */
export interface IncrementFigures {
  /** A call among many. */
  readonly nanoseconds: { readonly [name: string]: number };
  /** Heap a call. */
  readonly bytes: { readonly [name: string]: number };
  /** One call of a process that was idle for a second: with cold caches, and a look is due. */
  readonly idleMicroseconds: { readonly [name: string]: number };
}

/** Calls a contestant so often, in a loop of its own: a shared one would not be optimised. */
type Loop = (calls: number) => void;

const [, , batchRounds = '10', idleRounds = '1', peers = ''] = process.argv;

const { openTelemetry } = (await import(ourFiles.library)) as typeof Library;
const { Telemetry: Published } = createRequire(import.meta.url)(publishedFiles.telemetry) as {
  Telemetry: new () => {
    recordUsage(kind: string, name: string, ok: boolean, client?: object): void;
  };
};

const telemetry = openTelemetry({ version: '1.6.1' });
const choiceFile = `${telemetry.status().paths?.dataDir}/${choiceFileName}`;
const { openPeer } = createRequire(import.meta.url)('./peers.cjs') as typeof Peers;
const publishedClient = new Published();

const client = { name: 'claude-code', version: '2.1.4' };
const options = { ok: true, client };

// 20 names and 3 clients. Past the eight tools they are spellings of `other`, as good to look up.
const names = Array.from({ length: 20 }, (_, at) => tools[at] ?? `unknown_tool_${at}`);
const optionsOf = ['claude-code', 'cursor', 'codex'].map((name) => ({
  ok: true,
  client: { name, version: '2.1.4' },
}));

// The least that counting can cost: the counter is found by one key, or by client and name.
const bareMap = new Map(names.map((name) => [name, { calls: 0 }]));
const nestedMaps = new Map(
  optionsOf.map((each) => [
    each.client.name,
    new Map(names.map((name) => [name, { calls: 0, errors: 0 }])),
  ]),
);

const loops: { [name: string]: Loop } = {
  'ours, tool': (calls) => {
    for (let call = 0; call < calls; call++) {
      telemetry.count('mcp_tool', 'codegraph_explore', options);
    }
  },
  'ours, command': (calls) => {
    for (let call = 0; call < calls; call++) telemetry.count('cli_command', 'query');
  },
  'ours, fresh options': (calls) => {
    for (let call = 0; call < calls; call++) {
      telemetry.count('mcp_tool', 'codegraph_explore', { ok: call % 7 !== 0, client });
    }
  },
  'ours, 20 × 3': (calls) => {
    for (let call = 0; call < calls; call++) {
      telemetry.count('mcp_tool', names[call % 20]!, optionsOf[call % 3]);
    }
  },
  'published, tool': (calls) => {
    for (let call = 0; call < calls; call++) {
      publishedClient.recordUsage('mcp_tool', 'codegraph_explore', true, client);
    }
  },
  'published, command': (calls) => {
    for (let call = 0; call < calls; call++) {
      publishedClient.recordUsage('cli_command', 'query', true);
    }
  },
  'published, 20 × 3': (calls) => {
    for (let call = 0; call < calls; call++) {
      const by = optionsOf[call % 3]!.client;
      publishedClient.recordUsage('mcp_tool', names[call % 20]!, true, by);
    }
  },
  'Map, tool': (calls) => {
    for (let call = 0; call < calls; call++) bareMap.get('codegraph_explore')!.calls += 1;
  },
  'Map, 20 × 3': (calls) => {
    for (let call = 0; call < calls; call++) bareMap.get(names[call % 20]!)!.calls += 1;
  },
  'nested Maps, tool': (calls) => {
    for (let call = 0; call < calls; call++) {
      nestedMaps.get(client.name)!.get('codegraph_explore')!.calls += 1;
    }
  },
  'nested Maps, 20 × 3': (calls) => {
    for (let call = 0; call < calls; call++) {
      const by = optionsOf[call % 3]!.client;
      nestedMaps.get(by.name)!.get(names[call % 20]!)!.calls += 1;
    }
  },
};

const opened = ofPeers(peers || undefined, (peer, folder) =>
  openPeer(peer, folder, 'http://127.0.0.1:9/'),
);
for (const [name, peer] of Object.entries(opened)) {
  loops[`${name}, tool`] = (calls) => {
    for (let call = 0; call < calls; call++) {
      peer.count('mcp_tool', 'codegraph_explore', client.name);
    }
  };
}

// One batch is some milliseconds: long beside the clock, short beside the neighbours' noise.
const batchMs = 3;

const figures: IncrementFigures = {
  nanoseconds: await timeAll(Number(batchRounds)),
  bytes: measureBytes(),
  idleMicroseconds: await timeWhenIdle(Number(idleRounds)),
};
process.stdout.write(JSON.stringify(figures));

async function timeAll(rounds: number): Promise<Record<string, number>> {
  const batches = Object.entries(loops).map(([name, loop]) => {
    const calls = calibrate(loop);
    return [name, () => timeBatch(loop, calls)] as const;
  });
  const samples = await interleave(Object.fromEntries(batches), rounds);
  return Object.fromEntries(
    Object.entries(samples).map(([name, values]) => [name, median(values)]),
  );
}

/** How many calls make a batch, found after the loop had time to be optimised. */
function calibrate(loop: Loop): number {
  let calls = 100;
  let elapsedMs = 0;
  for (const start = performance.now(); performance.now() - start < 20 * batchMs;) {
    const begin = performance.now();
    loop(calls);
    elapsedMs = performance.now() - begin;
    if (elapsedMs < batchMs / 2) calls *= 2;
  }
  return Math.max(100, Math.round((calls * batchMs) / elapsedMs));
}

/** Nanoseconds a call. Timers get their turn between batches, as in a living server. */
async function timeBatch(loop: Loop, calls: number): Promise<number> {
  await turn();
  const start = process.hrtime.bigint();
  loop(calls);
  return Number(process.hrtime.bigint() - start) / calls;
}

function measureBytes(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(loops).map(([name, loop]) => [
      name,
      // Few for those that allocate, so that the young generation can hold it all.
      allocated(loop, /^(?:ours|Map|nested)/.test(name) ? 100_000 : 2_000),
    ]),
  );
}

/** Bytes of heap a call. The young generation is large enough that nothing is collected. */
function allocated(loop: Loop, calls: number): number {
  const samples = Array.from({ length: 7 }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    loop(calls);
    return (process.memoryUsage().heapUsed - before) / calls;
  });
  return Math.max(0, median(samples));
}

async function timeWhenIdle(rounds: number): Promise<Record<string, number>> {
  const samples = await interleave(
    {
      ours: () => timeAfterSecond(() => telemetry.count('cli_command', 'query')),
      published: () =>
        timeAfterSecond(() => publishedClient.recordUsage('cli_command', 'query', true)),
      // The least that a look at consent can cost.
      stat: () => timeAfterSecond(() => statSync(choiceFile, { throwIfNoEntry: false })),
    },
    rounds,
  );
  return {
    ours: median(samples.ours),
    published: median(samples.published),
    stat: median(samples.stat),
  };
}

async function timeAfterSecond(count: () => unknown): Promise<number> {
  await wait(consentMaxAgeMs + 50);
  const start = process.hrtime.bigint();
  count();
  return Number(process.hrtime.bigint() - start) / 1_000;
}
