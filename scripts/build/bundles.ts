import { join, posix, relative, sep } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import type { BuildPolicy } from '../../contract/consent.ts';
import { root } from '../set-up/paths.mjs';

/** What package.json names, by the name of the file in dist. */
export const entries = {
  index: 'src/index.ts',
  commander: 'src/commander.ts',
  mcp: 'src/mcp/index.ts',
  contract: 'contract/index.ts',
  codegraph: 'src/command/codegraph.ts',
  'codegraph-telemetry': 'src/command/own/codegraph-telemetry.ts',
};

// The one that holds piscina.
const sender = 'src/sending/sender.ts';

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
 * The library and the command: a file for each entry, and one for each module that is loaded late.
 * They share no chunks, as a file more costs a start-up 0.7 ms. All lie in one folder, so that
 * `import.meta.url` means the same in each. piscina is bundled too: from its 18 files a server
 * needs twice as long to load it, and answers nobody meanwhile.
 */
export async function bundleMainThread(outDir: string, policy: BuildPolicy): Promise<Metafile> {
  const metafiles: Metafile[] = [];
  const files = new Map(Object.entries(entries));
  const oldNode = await bundleOldNode();
  // Grows while it is walked, by what is found to be loaded late.
  for (const [name, source] of files) {
    const { metafile } = await build({
      ...forNode,
      define: definePolicy(policy),
      // Where piscina looks for the file to start its thread with.
      banner: {
        js: source.startsWith('src/command/') && isEntry(name) ? oldNode : hereFor(source),
      },
      plugins: [plainBuiltins, loadingLate((late) => files.set(nameOfLate(late), late))],
      entryPoints: [source],
      outfile: join(outDir, `${name}.js`),
      external: ['@clack/prompts', 'commander', 'quickjs-wasi', 'valibot'],
    });
    metafiles.push(metafile);
  }
  return {
    inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)),
    outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)),
  };
}

function isEntry(name: string): boolean {
  return Object.hasOwn(entries, name);
}

function hereFor(source: string): string {
  return source === sender ? 'const __dirname = `${import.meta.dirname}/piscina`;' : '';
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

/** Leaves modules of ours that are loaded by `import()` to files of their own. */
function loadingLate(onFound: (source: string) => void): Plugin {
  return {
    name: 'loading-late',
    setup(plugin) {
      plugin.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const source = posix.join(relative(root, resolveDir).replaceAll(sep, '/'), path);
        onFound(source);
        return { path: `./${nameOfLate(source)}.js`, external: true };
      });
    },
  };
}

/** `sending-sender` for `src/sending/sender.ts`. */
function nameOfLate(source: string): string {
  return source.replace(/^src\/(?:command\/)?|\.ts$/g, '').replaceAll('/', '-');
}

/** The sender thread: one file, which loads the sandbox's engine and nothing else. */
export async function bundleSenderThread(outDir: string, policy: BuildPolicy): Promise<Metafile> {
  const { metafile } = await build({
    ...forNode,
    define: definePolicy(policy),
    plugins: [plainBuiltins],
    entryPoints: ['sender-thread/index.ts'],
    outfile: join(outDir, 'sender-thread.js'),
    external: ['quickjs-wasi'],
  });
  return metafile;
}

/**
 * What piscina starts its thread with, under the name by which piscina looks for it. It loads the
 * sender thread by `require`; else it would make code from a string, which a host may forbid.
 */
export async function bundleThreadStart(outDir: string): Promise<Metafile> {
  const { metafile } = await build({
    ...forNode,
    plugins: [plainBuiltins],
    entryPoints: ['node_modules/piscina/dist/worker.js'],
    outfile: join(outDir, 'piscina', 'worker.js'),
    banner: {
      js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
    },
    // Never loaded: the thread has the priority of its host. A change of it is a system call that a
    // filter may kill for.
    external: ['@napi-rs/nice'],
  });
  return metafile;
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
    .filter(([name, property]) => 'value' in property && name !== 'default' && !/\W/.test(name))
    .map(([name]) => name);
  return [
    `const builtin = process.getBuiltinModule('${path}');`,
    'const pick = (name) => builtin[name];',
    'export default builtin;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ pick('${name}');`),
  ].join('\n');
}
