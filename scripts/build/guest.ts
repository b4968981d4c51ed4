import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';
import { CompileFlags, QuickJS } from 'quickjs-wasi';
import { sandboxMemoryBytes } from '../../contract/limits.ts';
import { deniedWasi } from '../../sender-thread/sandbox.ts';
import { root } from '../set-up/paths.mjs';

/**
 * The code inside the sandbox, as one script: no module loader reaches in there. It is published
 * beside the snapshot that is made of it, so it keeps its names and our comments.
 */
export async function bundleGuest(): Promise<{ text: string; metafile: Metafile }> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    entryPoints: ['sender-thread/guest/index.ts'],
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2023',
    plugins: [keepingComments],
    legalComments: 'inline',
    metafile: true,
    logLevel: 'silent',
    write: false,
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error('The guest has no output.');
  return { text: script.text.replaceAll(/^( *)(\/\*|\/\/)!/gm, restoreComment), metafile };
}

/** esbuild keeps legal comments only, which begin with a `!`: ours pass for such on their way. */
const keepingComments: Plugin = {
  name: 'keeping-comments',
  setup(plugin) {
    plugin.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: text.replaceAll(/^( *)(?:(\/\*)\*|(\/\/))/gm, '$1$2$3!'), loader: 'ts' };
    });
  },
};

function restoreComment(_: string, indent: string, opening: string): string {
  return indent + (opening === '//' ? '//' : '/**');
}

// The part of WebAssembly.Memory that counts here; Node's types do not have the class.
interface Memory {
  readonly buffer: ArrayBuffer;
}

/**
 * Evaluates the guest in a fresh engine and returns the engine's memory, serialized: restoring it
 * takes a few milliseconds, evaluating it took about twenty times that.
 *
 * The engine is as deaf here as it is in the sender thread, so nothing of this machine gets into
 * the snapshot: the same guest gives the same bytes.
 *
 * @throws JSException when the guest throws while it is evaluated.
 */
export async function freezeGuest(bundleText: string): Promise<Uint8Array> {
  const bytecode = await compileGuest(bundleText);
  // In an engine of its own: what the compiler leaves in memory would be in the snapshot.
  using vm = await createEngine();
  vm.evalBytecode(bytecode).dispose();
  return QuickJS.serializeSnapshot(vm.snapshot());
}

/** Without the source, which each function would keep for its `toString`: 0.4 MB of the memory. */
async function compileGuest(bundleText: string): Promise<Uint8Array> {
  using vm = await createEngine();
  return vm.compile(bundleText, 'guest.js', 0, CompileFlags.STRIP_SOURCE);
}

async function createEngine(): Promise<QuickJS> {
  return await QuickJS.create({
    wasm: await readEngine(),
    wasi: (memory: Memory) => ({ ...deniedWasi(), clock_time_get: stoppedClock(memory) }),
    timezoneOffset: 0,
    memoryLimit: sandboxMemoryBytes,
  });
}

/** The WebAssembly module of the sandbox's engine. */
export async function readEngine(): Promise<Uint8Array<ArrayBuffer>> {
  return await readFile(fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm')));
}

// An engine that is being made seeds its Math.random from the clock and aborts when it is denied;
// a restored one is past that. Zero is what it gets.
function stoppedClock(memory: Memory) {
  return (_clock: number, _precision: bigint, result: number): number => {
    new DataView(memory.buffer).setBigUint64(result, 0n, true);
    return 0;
  };
}
