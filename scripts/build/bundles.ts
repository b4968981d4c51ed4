import { join } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import type { BuildPolicy } from '../../spec/contract/build-policy.ts';
import { root } from '../set-up/places.mjs';

/** What package.json names, by the name of the file in dist. */
export const entries = {
  index: 'src/index.ts',
  commander: 'src/counting/commander.ts',
  mcp: 'src/counting/mcp-transport.ts',
  contract: 'spec/contract/index.ts',
  codegraph: 'src/command/codegraph.ts',
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
 * The library and the command. Chunks lie beside their entries, so that `import.meta.url` is in
 * the same folder whichever file a module ends up in.
 */
export async function bundleMainThread(outDir: string, policy: BuildPolicy): Promise<Metafile> {
  const { metafile } = await build({
    ...forNode,
    define: definePolicy(policy),
    entryPoints: entries,
    outdir: outDir,
    splitting: true,
    chunkNames: '[name]-[hash]',
    external: ['@clack/prompts', 'commander', 'piscina', 'quickjs-wasi', 'valibot'],
  });
  return metafile;
}

/** The sender thread: one file, which loads the sandbox's engine and nothing else. */
export async function bundleSenderThread(outDir: string, policy: BuildPolicy): Promise<Metafile> {
  const { metafile } = await build({
    ...forNode,
    define: definePolicy(policy),
    plugins: policy === 'no-sending' ? [withoutSending] : [],
    entryPoints: ['sender-thread/index.ts'],
    outfile: join(outDir, 'sender-thread.js'),
    external: ['piscina', 'quickjs-wasi'],
  });
  return metafile;
}

/** The code inside the sandbox, as one script: no module loader reaches in there. */
export async function bundleGuest(): Promise<{ text: string; metafile: Metafile }> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    entryPoints: ['sender-thread/guest/index.ts'],
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2023',
    // Nobody reads a snapshot; a smaller heap restores faster.
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    write: false,
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error('The guest has no output.');
  return { text: script.text, metafile };
}

function definePolicy(policy: BuildPolicy): Record<string, string> {
  return { __TELEMETRY_POLICY__: JSON.stringify(policy) };
}

/** Puts a file that sends nothing in the place of the one that sends: no network module is left. */
const withoutSending: Plugin = {
  name: 'without-sending',
  setup(plugin) {
    plugin.onResolve({ filter: /\/send-reports\.ts$/ }, () => ({
      path: join(root, 'sender-thread', 'send-nothing.ts'),
    }));
  },
};
