import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import type { Bench, Row } from './bench.ts';
import { type Home, makeHome } from './home.ts';
import { interleave, medianAdded } from './measure.ts';
import { ofPeers } from './peers.ts';
import { ourFiles, programPath, publishedFiles, runProgram } from './programs.ts';

/** What a child prints that has loaded and opened a client. */
interface OpenFigures {
  readonly milliseconds: number;
  /** Modules of Node's own, as Node lists them: `NativeModule crypto`. */
  readonly moduleLoadList: readonly string[];
}

// Nothing that merely counts may load any of these.
const heavyBuiltins = ['crypto', 'http', 'http2', 'https', 'net', 'tls', 'worker_threads', 'zlib'];
const heavyPackages = ['commander', 'msgpackr', 'quickjs-wasi', 'valibot'];

const ofReading =
  'V8 reads 78 kB of code before it runs the first line, which is most of the time. The code stays as it was ' +
  'written, with its names and lines, so that you can see what it does.';

/**
 * Importing the library and opening telemetry, in process, in a fresh child each time. What a
 * process pays for loading any module at all is taken off: an empty one, of the same kind.
 */
export const open: Bench = {
  name: 'open',
  run: async (effort, { peers }) => {
    const home = makeHome();
    try {
      home.load('empty');
      const rounds = effort === 'full' ? 25 : 5;
      const samples = await interleave(contestants(home, peers), rounds);
      const added = (client: readonly OpenFigures[], empty: readonly OpenFigures[]): number =>
        medianAdded(client.map(toMilliseconds), empty.map(toMilliseconds));
      const time: Row = {
        what: 'import and open, over an empty module',
        unit: 'ms',
        ours: added(samples.ours, samples.emptyModule),
        published: added(samples.published, samples.emptyScript),
        beside: ofPeers(peers, (peer) => added(samples[peer], samples.emptyScript)),
        target: { atMost: 1.2 },
        because: ofReading,
      };
      return [time, ...listModules(home, samples.ours[0]!, samples.published[0]!)];
    } finally {
      home.remove();
    }
  },
};

function contestants({ env }: Home, peers: string | undefined) {
  const openInModule = (path: string) => () =>
    runProgram<OpenFigures>([programPath('open.mjs'), path], env);
  const openInScript = (path: string) => () =>
    runProgram<OpenFigures>([programPath('open.cjs'), path], env);
  return {
    ours: openInModule(ourFiles.library),
    published: openInScript(publishedFiles.telemetry),
    emptyModule: openInModule(programPath('empty.mjs')),
    emptyScript: openInScript(programPath('empty.cjs')),
    ...ofPeers(
      peers,
      (peer, folder) => () =>
        runProgram<OpenFigures>([programPath('open-peer.cjs'), peer, folder], env),
    ),
  };
}

function toMilliseconds({ milliseconds }: OpenFigures): number {
  return milliseconds;
}

function listModules(home: Home, ofOurs: OpenFigures, ofPublished: OpenFigures): readonly Row[] {
  const files = filesOf(home, [programPath('open.mjs'), ourFiles.library]);
  const filesOfPublished = filesOf(home, [programPath('open.cjs'), publishedFiles.telemetry]);
  return [
    {
      what: 'files loaded for it',
      unit: 'files',
      ours: files.length,
      beside: { published: filesOfPublished.length },
    },
    {
      what: 'of these and of Node’s own modules: crypto, network, threads, packages',
      unit: 'modules',
      ours: countHeavy(ofOurs, files),
      published: countHeavy(ofPublished, filesOfPublished),
      target: { atMost: 0 },
    },
  ];
}

/** The files that a program loads, but for the bench's own. */
function filesOf(home: Home, program: readonly string[]): readonly string[] {
  const preload = ['--import', programPath('note-files.mjs')];
  const { stderr } = spawnSync(process.execPath, [...preload, ...program], {
    env: home.env,
    encoding: 'utf8',
  });
  const ofBench = pathToFileURL(programPath('')).href;
  return stderr.split('\n').filter((url) => url.startsWith('file:') && !url.startsWith(ofBench));
}

function countHeavy({ moduleLoadList }: OpenFigures, files: readonly string[]): number {
  const builtins = heavyBuiltins.filter((name) => moduleLoadList.includes(`NativeModule ${name}`));
  const packages = heavyPackages.filter((name) =>
    files.some((url) => url.includes(`/node_modules/${name}/`)),
  );
  return builtins.length + packages.length;
}
