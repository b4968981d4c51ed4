import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, parse, posix, relative, sep } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, type BuildOptions, type Metafile, type Plugin, transform } from 'esbuild';
import type { BuildPolicy } from '../../contract/consent.ts';
import { root } from '../set-up/paths.mjs';

/** What a host imports, by the name of the files in dist. */
export const libraryEntries = {
  index: 'src/index.ts',
  hosts: 'src/hosts.ts',
  contract: 'contract/index.ts',
};

/** What package.json names, by the name of the file in dist. */
export const entries = {
  ...libraryEntries,
  codegraph: 'src/command/codegraph.ts',
  'codegraph-telemetry': 'src/command/own/codegraph-telemetry.ts',
};

/** Names that a host may have for what is now in one file, where it names files. */
const formerFiles = { commander: 'countCommands', mcp: 'countToolCalls' };

/** What is loaded late, by `import()`: one file for what is used together. */
const lateFiles: Readonly<Record<string, readonly string[]>> = {
  sender: ['src/sending/sender.ts', 'src/engine/old-queue.ts'],
  counted: ['src/command/count-run.ts', 'src/command/serve/session.ts'],
  telemetry: [
    'src/command/telemetry/program.ts',
    'src/command/telemetry/hosted.ts',
    'src/command/telemetry/show.ts',
    'src/command/telemetry/example-report.ts',
  ],
  install: [
    'src/command/install/command.ts',
    'src/command/own/attach.ts',
    'src/command/own/doctor.ts',
    'src/command/own/keep-place.ts',
    'src/command/own/verify.ts',
  ],
};

const forNode = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Readable on purpose: whoever installs this may want to see what it does.
  minify: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'silent',
} satisfies BuildOptions;

/**
 * The library and the command: a file for each entry, and a few that are loaded late. They share no
 * chunks, as a file more costs a start-up 0.7 ms. All lie in one folder, so that `import.meta.url`
 * means the same in each. Everything is bundled: nothing else has to be installed, and from its 18
 * files a server needs twice as long to load piscina, and answers nobody meanwhile.
 */
export async function bundleMainThread(outDir: string, policy: BuildPolicy): Promise<Metafile> {
  const oldNode = await bundleOldNode();
  const bundle = async (file: string, options: BuildOptions): Promise<Metafile> =>
    await writeBundle({
      define: definePolicy(policy),
      plugins: [plainBuiltins, oneThreadFile, smallPackages, loadingLate(parse(file).name)],
      outfile: join(outDir, file),
      ...options,
    });
  const metafiles = await Promise.all([
    ...Object.entries(entries).map(([name, source]) =>
      bundle(`${name}.js`, {
        entryPoints: [source],
        banner: { js: source.startsWith('src/command/') ? oldNode : '' },
      }),
    ),
    // Once more, because `require` of an ES module starts Node's loader for such modules. The engine is
    // CommonJS: each of its commands would wait for that.
    bundle('index.cjs', { entryPoints: [entries.index], format: 'cjs' }),
    ...Object.entries(lateFiles).map(([name, sources]) => {
      const contents = sources.map((source) => `export * from './${source}';`).join('\n');
      return bundle(`${name}.js`, { stdin: { contents, resolveDir: root } });
    }),
  ]);
  for (const name of ['hosts', 'contract']) {
    await writeFile(join(outDir, `${name}.cjs`), `module.exports = require('./${name}.js');\n`);
  }
  for (const [name, exported] of Object.entries(formerFiles)) {
    await writeFile(join(outDir, `${name}.js`), `export { ${exported} } from './hosts.js';\n`);
  }
  return {
    inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)),
    outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)),
  };
}

async function writeBundle(options: BuildOptions & { outfile: string }): Promise<Metafile> {
  const { metafile } = await build({ ...forNode, ...options });
  const text = await readFile(options.outfile, 'utf8');
  await writeFile(options.outfile, await closePackages(text));
  return metafile!;
}

/** What precedes each command, in a syntax that Node 16 reads. */
async function bundleOldNode(): Promise<string> {
  const { outputFiles } = await build({
    ...forNode,
    target: 'node16',
    write: false,
    entryPoints: ['src/command/old-node.ts'],
  });
  return outputFiles[0]!.text;
}

/** Leaves what is loaded by `import()` to the file that has it, where that is another one. */
function loadingLate(current: string): Plugin {
  return {
    name: 'loading-late',
    setup(plugin) {
      plugin.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const source = posix.join(relative(root, resolveDir).replaceAll(sep, '/'), path);
        const file = findFile(source) ?? current;
        return file === current ? undefined : { path: `./${file}.js`, external: true };
      });
    },
  };
}

/** The file in dist that `source` is loaded from; undefined when it is no more than a part. */
function findFile(source: string): string | undefined {
  const [entry] = Object.entries(entries).find(([, path]) => path === source) ?? [];
  const [late] = Object.entries(lateFiles).find(([, sources]) => sources.includes(source)) ?? [];
  return entry ?? late;
}

/**
 * The sender thread as one file: our code, the sandbox's engine, the frozen guest, and what piscina
 * starts a thread with, which takes its tasks from the same file.
 */
export async function bundleSenderThread(
  outDir: string,
  policy: BuildPolicy,
  image: SandboxImage,
): Promise<Metafile> {
  return await writeBundle({
    define: {
      ...definePolicy(policy),
      __SANDBOX_IMAGE__: JSON.stringify(packImage(image)),
    },
    plugins: [plainBuiltins, oneThreadFile, smallPackages],
    stdin: { contents: threadEntry, resolveDir: root, loader: 'ts' },
    outfile: join(outDir, 'thread.mjs'),
    // Never loaded: the thread has the priority of its host. A change of it is a system call that a
    // filter may kill for.
    external: ['@napi-rs/nice'],
  });
}

/** What runs in the sandbox: the engine's WebAssembly module, and its memory with the guest in it. */
export interface SandboxImage {
  readonly engine: Uint8Array;
  readonly snapshot: Uint8Array;
}

// Imported by a test, it starts nothing: the sign is the one in src/sending/sender.ts.
const threadEntry = `
  import { workerData } from 'node:worker_threads';
  export { flush, preview, warmUp } from './sender-thread/index.ts';
  export { unpackImage } from './sender-thread/packed-image.ts';
  if (workerData === 'codegraph-telemetry') require('./node_modules/piscina/dist/worker.js');`;

/** As sender-thread/packed-image.ts reads it. In one piece: the engine's data is in the snapshot once more. */
function packImage({ engine, snapshot }: SandboxImage): object {
  const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = {
    [BROTLI_PARAM_QUALITY]: 11,
    [BROTLI_PARAM_LGWIN]: 22,
    [BROTLI_PARAM_SIZE_HINT]: engine.byteLength + snapshot.byteLength,
  };
  const packed = brotliCompressSync(Buffer.concat([engine, snapshot]), { params });
  return {
    engineBytes: engine.byteLength,
    packed: packed.toString('base64'),
    hash: createHash('sha256').update(packed).digest('hex'),
  };
}

// Piscina starts a thread with a file of its own, which loads the file with the tasks by its path,
// or by code from a string, which a host may forbid. Here both are one file, and a bundle of a
// bundle has no path to load from.
const senderThread = JSON.stringify(join(root, 'sender-thread', 'index.ts'));
const ownLines: Readonly<Record<string, readonly (readonly [theirs: string, ours: string])[]>> = {
  'index.js': [
    [
      "(0, node_path_1.resolve)(__dirname, 'worker.js')",
      "this.options.filename.startsWith('data:') ? new URL(this.options.filename) : this.options.filename",
    ],
  ],
  'worker.js': [
    [
      'Promise.resolve(`${filename}`).then(s => __importStar(require(s)))',
      `require(${senderThread})`,
    ],
    ['await getImportESM()((0, node_url_1.pathToFileURL)(filename).href)', 'null'],
    ["importESMCached = new Function('specifier', 'return import(specifier)');", ''],
  ],
};

const oneThreadFile: Plugin = {
  name: 'one-thread-file',
  setup(plugin) {
    plugin.onLoad(
      { filter: /[\\/]piscina[\\/]dist[\\/](?:index|worker)\.js$/ },
      async ({ path }) => {
        let text = await readFile(path, 'utf8');
        for (const [theirs, ours] of ownLines[basename(path)] ?? []) {
          if (text.split(theirs).length !== 2) throw new Error(`${path} has changed: ${theirs}`);
          text = text.replace(theirs, () => ours);
        }
        return { contents: await shrink(text) };
      },
    );
    // It is read for its version alone.
    plugin.onLoad({ filter: /[\\/]piscina[\\/]package\.json$/ }, async ({ path }) => {
      const { version }: { version: string } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** Packages lose their comments and long names: whoever reads them has them elsewhere. Ours do not. */
const smallPackages: Plugin = {
  name: 'small-packages',
  setup(plugin) {
    plugin.onLoad({ filter: /[\\/]node_modules[\\/].*\.m?js$/ }, async ({ path }) => ({
      contents: await shrink(await readFile(path, 'utf8')),
    }));
  },
};

/** A bundle with the spaces that the bundler has put between the words of packages taken out again. */
async function closePackages(text: string): Promise<string> {
  const files = text.split(/^(?=\/\/ \S+\n)/m).map(async (file) => {
    if (!file.startsWith('// node_modules/')) return file;
    const head = file.slice(0, file.indexOf('\n') + 1);
    const { code } = await transform(file, { minifyWhitespace: true, target: forNode.target });
    return `${head}${code}`;
  });
  return (await Promise.all(files)).join('');
}

async function shrink(text: string): Promise<string> {
  const { code } = await transform(text, { minify: true, target: forNode.target });
  return code;
}

function definePolicy(policy: BuildPolicy): Record<string, string> {
  return { __TELEMETRY_POLICY__: JSON.stringify(policy) };
}

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An import statement reads every export of
 * such a module, and some are getters that load what nobody asked for: with node:fs come its
 * promises and streams (4 ms of every start-up), with node:http comes undici (40 ms of the sender
 * thread). Measured on Node 24.
 */
const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  setup(plugin) {
    plugin.onResolve({ filter: /^node:/ }, ({ path, kind }) => ({
      path,
      namespace: kind === 'require-call' ? 'builtin-whole' : 'builtin',
      sideEffects: false,
    }));
    plugin.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: exportPlainly(path),
    }));
    // What `require` returns is read only where it is used, and may be used whole.
    plugin.onLoad({ filter: /./, namespace: 'builtin-whole' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
    }));
  },
};

/** A module with the exports that are plain values; which ones are used is left to the bundler. */
function exportPlainly(path: string): string {
  const properties = Object.getOwnPropertyDescriptors(process.getBuiltinModule(path as 'node:fs'));
  const names = Object.entries(properties)
    // The streams of node:process are getters that merely open what the program uses anyway.
    .filter(([, property]) => 'value' in property || path === 'node:process')
    .filter(([name]) => name !== 'default' && !/\W/.test(name))
    .map(([name]) => name);
  return [
    `const builtin = process.getBuiltinModule('${path}');`,
    'const pick = (name) => builtin[name];',
    'export default builtin;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ pick('${name}');`),
  ].join('\n');
}
