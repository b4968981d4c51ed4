import { mkdir, writeFile, cp } from 'node:fs/promises';
import { join } from 'node:path';

/** A way for a host to bundle or run the library. */
export interface Host {
  readonly name: string;
  /** What its owner has to do for the thread; undefined when nothing. */
  readonly line?: string;
  /** Commands, run where the package and the tools are installed. */
  readonly build: readonly string[];
  /** What is moved to an empty folder before it runs; undefined when it runs where it was built. */
  readonly moved?: readonly string[];
  readonly run: string;
}

/** What has to be installed beside the package, each in the version that was tried. */
export const tools: Readonly<Record<string, string>> = {
  '@rollup/plugin-node-resolve': '16.0.3',
  '@vercel/ncc': '0.45.0',
  '@yarnpkg/cli-dist': '4.18.1',
  bun: '1.4.5',
  deno: '2.9.6',
  esbuild: '0.28.2',
  pnpm: '12.21.0',
  postject: '1.0.0-alpha.6',
  rollup: '4.68.8',
  webpack: '5.113.0',
  'webpack-cli': '7.3.1',
};

const thread = 'node_modules/codegraph-telemetry/dist/thread.mjs';
const copyThread = (folder: string): string => `cp ${thread} ${folder}/`;
const esbuild = 'esbuild host.mjs --bundle --platform=node --log-level=error';
const webpack = 'webpack --mode production --target node --entry ./host.mjs -o webpack';

/** Every host that is tried, in the order of the table in README.md. */
export const hosts: readonly Host[] = [
  { name: 'Node, `import`', build: [], run: 'node host.mjs' },
  { name: 'Node, `require`', build: [], run: 'node host.cjs' },
  { name: 'Bun', build: [], run: 'bun host.mjs' },
  { name: 'Deno', build: [], run: 'deno run -A --node-modules-dir=manual host.mjs' },
  {
    name: 'pnpm',
    build: ['cd pnpm && pnpm install --silent --prefer-offline'],
    run: 'cd pnpm && node host.mjs',
  },
  {
    name: 'Yarn Plug’n’Play',
    build: ['cd yarn && yarn install > yarn.log || (cat yarn.log; exit 1)'],
    run: 'cd yarn && yarn node host.mjs',
  },
  {
    name: 'esbuild, beside `node_modules`',
    build: [`${esbuild} --format=esm --outfile=esbuild-near/host.mjs`],
    run: 'node esbuild-near/host.mjs',
  },
  {
    name: 'esbuild, ES module',
    line: `\`${copyThread('dist')}\``,
    build: [`${esbuild} --format=esm --outfile=esbuild-esm/host.mjs`, copyThread('esbuild-esm')],
    moved: ['esbuild-esm'],
    run: 'node esbuild-esm/host.mjs',
  },
  {
    name: 'esbuild, CommonJS',
    line: 'the same',
    build: [`${esbuild} --format=cjs --outfile=esbuild-cjs/host.cjs`, copyThread('esbuild-cjs')],
    moved: ['esbuild-cjs'],
    run: 'node esbuild-cjs/host.cjs',
  },
  {
    name: 'rollup',
    line: 'the same',
    build: [
      'rollup host.mjs -p @rollup/plugin-node-resolve -d rollup -f es --silent --entryFileNames [name].mjs --chunkFileNames [name].mjs',
      copyThread('rollup'),
    ],
    moved: ['rollup'],
    run: 'node rollup/host.mjs',
  },
  {
    name: 'webpack',
    build: [`${webpack} > webpack.log || (cat webpack.log; exit 1)`],
    moved: ['webpack'],
    run: 'node webpack/main.js',
  },
  {
    name: 'ncc',
    build: ['ncc build host.mjs -o ncc -q'],
    moved: ['ncc'],
    run: 'node ncc/index.mjs',
  },
  {
    name: '`bun build`',
    line: `\`${copyThread('dist')}\``,
    build: [
      'bun build host.mjs --target node --outdir bun-build > bun.log || (cat bun.log; exit 1)',
      copyThread('bun-build'),
    ],
    moved: ['bun-build'],
    run: 'node bun-build/host.js',
  },
  {
    name: '`bun build --compile`',
    line: "`import thread from 'codegraph-telemetry/thread' with { type: 'file' }`, then `openTelemetry({ thread })`",
    build: [
      'bun build bun-host.mjs --compile --outfile bun-program > bun.log 2>&1 || (cat bun.log; exit 1)',
    ],
    moved: ['bun-program'],
    run: './bun-program',
  },
  {
    name: 'Node, single executable (SEA)',
    line: "`thread: 'data:text/javascript,' + encodeURIComponent(sea.getAsset('thread.mjs', 'utf8'))`, with that asset",
    build: [
      'esbuild sea-host.mjs --bundle --platform=node --log-level=error --format=cjs --outfile=sea.cjs',
      'node --experimental-sea-config sea.json 2> /dev/null',
      'cp "$NODE" sea-program && chmod u+w sea-program',
      'postject sea-program NODE_SEA_BLOB sea.blob --sentinel-fuse NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2 > postject.log 2>&1',
    ],
    moved: ['sea-program'],
    run: './sea-program',
  },
];

// Counts what belongs to yesterday, and sends it.
const program = (options: string): string => `
const open = (now) => openTelemetry({ version: '1.6.1', now: () => now, ${options} });
const yesterday = open(Date.now() - 86_400_000);
yesterday.count('cli_command', 'query', { ok: true });
void yesterday.close().then(async () => {
  const { outcome, detail } = await open(Date.now()).flush({ timeoutMs: 20_000 });
  console.log(outcome, detail ?? '');
});
`;
const importing = "import { openTelemetry } from 'codegraph-telemetry';\n";

/** Writes the programs of all hosts into `folder`, where `tarball` is what pnpm and Yarn install. */
export async function writeHosts(folder: string, tarball: string): Promise<void> {
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await write('host.mjs', importing + program(''));
  await write(
    'host.cjs',
    `const { openTelemetry } = require('codegraph-telemetry');\n${program('')}`,
  );
  await write(
    'bun-host.mjs',
    `${importing}import thread from 'codegraph-telemetry/thread' with { type: 'file' };\n${program('thread')}`,
  );
  await write(
    'sea-host.mjs',
    `${importing}import sea from 'node:sea';\n${program("thread: 'data:text/javascript,' + encodeURIComponent(sea.getAsset('thread.mjs', 'utf8'))")}`,
  );
  await write(
    'sea.json',
    JSON.stringify({
      main: 'sea.cjs',
      output: 'sea.blob',
      disableExperimentalSEAWarning: true,
      assets: { 'thread.mjs': thread },
    }),
  );
  for (const name of ['pnpm', 'yarn']) {
    await mkdir(join(folder, name));
    await cp(join(folder, 'host.mjs'), join(folder, name, 'host.mjs'));
    const manifest = { private: true, dependencies: { 'codegraph-telemetry': `file:${tarball}` } };
    await write(`${name}/package.json`, JSON.stringify(manifest));
  }
  await write('pnpm/pnpm-workspace.yaml', '');
  await write('yarn/.yarnrc.yml', 'enableTelemetry: false\nnodeLinker: pnp\n');
  await write('yarn/yarn.lock', '');
}
