import type { Bench, Row } from './bench.ts';
import { type Home, makeHome } from './home.ts';
import { interleave, medianAdded } from './measure.ts';
import { ofPeers } from './peers.ts';
import { ourFiles, programPath, publishedFiles, timeProcess } from './programs.ts';
import type { Load } from './workload.ts';

const loads = ['empty', '200 KiB'] as const satisfies readonly Load[];

/**
 * Whole processes: a command that counts once and calls `process.exit`, less the same command
 * without telemetry. The host is CommonJS, as the engine is; ours also in an ES module. The peers lose the
 * count: they deliver only while the process lives.
 */
export const command: Bench = {
  name: 'command',
  run: async (effort, { peers }) => {
    const home = makeHome();
    try {
      const rounds = effort === 'full' ? 25 : 5;
      const rows: Row[] = [];
      for (const load of loads) rows.push(await measure(home, load, rounds, peers));
      return rows;
    } finally {
      home.remove();
    }
  },
};

async function measure(
  home: Home,
  load: Load,
  rounds: number,
  peers: string | undefined,
): Promise<Row> {
  // Peers have no buffer.
  const present = load === 'empty' ? peers : undefined;
  const time = (program: string, library: string[] = []) => {
    // Each run finds the same load, not what the one before has added.
    home.load(load);
    return timeProcess(process.execPath, [programPath(program), ...library], home.env);
  };
  const samples = await interleave(
    {
      bareScript: () => time('bare.cjs'),
      ours: () => time('count-by-require.cjs', [ourFiles.required]),
      published: () => time('count-published.cjs', [publishedFiles.telemetry]),
      bareModule: () => time('bare.mjs'),
      inModule: () => time('count.mjs', [ourFiles.library]),
      ...ofPeers(present, (peer, folder) => () => time('count-peer.cjs', [peer, folder])),
    },
    rounds,
  );
  return {
    what: `added to a command that counts once, ${load} buffer`,
    unit: 'ms',
    ours: medianAdded(samples.ours, samples.bareScript),
    published: medianAdded(samples.published, samples.bareScript),
    beside: {
      'ours in an ES module': medianAdded(samples.inModule, samples.bareModule),
      ...ofPeers(present, (peer) => medianAdded(samples[peer], samples.bareScript)),
    },
    target: { times: 0.35, of: 'published' },
    because: 'Half of it is the reading of the code, as above.',
  };
}
