import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { build, type Plugin } from 'esbuild';
import { root } from '../../scripts/set-up/paths.mjs';
import type { flush } from '../../sender-thread/index.ts';
import type { choose } from '../../src/consent/choose.ts';
import type { ConsentWatch } from '../../src/consent/watch.ts';
import type { openTelemetry } from '../../src/telemetry.ts';
import type { Machine } from './machine.ts';
import type { Mutation } from './mutations.ts';

/** Our code, with everything of a machine that it touches replaced by a simulated one. */
export interface Production {
  readonly openTelemetry: typeof openTelemetry;
  readonly choose: typeof choose;
  readonly ConsentWatch: typeof ConsentWatch;
  readonly flush: typeof flush;
}

const entry = `
  export { openTelemetry } from './src/telemetry.ts';
  export { choose } from './src/consent/choose.ts';
  export { ConsentWatch } from './src/consent/watch.ts';
  export { flush } from './sender-thread/index.ts';`;

// What code names without importing it, and finds on the simulated machine instead.
const globals = [
  'AbortSignal',
  'Atomics',
  'Date',
  'Math.random',
  'SharedArrayBuffer',
  'clearInterval',
  'clearTimeout',
  'crypto',
  'performance',
  'process',
  'setImmediate',
  'setInterval',
  'setTimeout',
];

const fileFunctions = [
  'chmodSync',
  'closeSync',
  'constants',
  'existsSync',
  'fchmodSync',
  'fstatSync',
  'fsyncSync',
  'linkSync',
  'lstatSync',
  'mkdirSync',
  'openSync',
  'readFileSync',
  'readSync',
  'readdirSync',
  'realpathSync',
  'renameSync',
  'rmSync',
  'statSync',
  'truncateSync',
  'unlinkSync',
  'utimesSync',
  'writeFileSync',
  'writeSync',
];

// Modules that stand in for others. The guest is the real one, without the wall around it.
const standIns: Readonly<Record<string, string>> = {
  'node:fs': `
    export const { ${fileFunctions.join(', ')} } = theMachine.files;
    export default theMachine.files;`,
  'node:http': 'export default { request: theMachine.request };',
  // The handshake is over at once.
  'node:https': `
    const socket = { once: (_, connected) => connected() };
    export default {
      request() {
        const request = theMachine.request();
        const on = request.on.bind(request);
        const listen = (name, run) => (name === 'socket' ? run(socket) : on(name, run));
        return Object.assign(request, { on: listen });
      },
    };`,
  './find-thread.ts': "export const findThread = () => 'thread.mjs';",
  './packed-image.ts': 'export const unpackImage = () => 0;',
  './thread-room.ts': 'export const whyNoThread = () => undefined;',
  piscina: 'export const Piscina = theMachine.Piscina;',
  './sandbox.ts': `
    import { absorb } from './spec/support/absorb.ts';
    import { bookAnswer } from './sender-thread/guest/book-answer.ts';
    export class Sandbox {
      static async open() { return new Sandbox(); }
      absorb(request) { return theMachine.guest('absorb', absorb, request); }
      bookAnswer(request) { return theMachine.guest('bookAnswer', bookAnswer, request); }
      [Symbol.dispose]() {}
    }
    export async function loadSandboxImage() { return {}; }`,
};

/**
 * Bundles `src` and `sender-thread` from their sources, and runs them on a simulated machine; with
 * a defect in them if one is given.
 */
export async function loadProduction(machine: Machine, mutation?: Mutation): Promise<Production> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'silent',
    define: {
      'import.meta.url': '"file:///simulation/index.js"',
      ...Object.fromEntries(globals.map((name) => [name, `theMachine.${name.replace('.', '_')}`])),
    },
    plugins: [replaceModules, ...(mutation === undefined ? [] : [mutate(mutation)])],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error('The bundle has no output.');
  const run = compileFunction(output.text, ['module', 'require', 'theMachine']) as (
    module: { exports?: Production },
    require: NodeJS.Require,
    machine: Machine,
  ) => void;
  const module: { exports?: Production } = {};
  run(module, createRequire(import.meta.url), machine);
  if (module.exports === undefined) throw new Error('The bundle exports nothing.');
  return module.exports;
}

const replaceModules: Plugin = {
  name: 'replace-modules',
  setup(plugin) {
    plugin.onResolve({ filter: /./ }, ({ path }) =>
      Object.hasOwn(standIns, path) ? { path, namespace: 'stand-in' } : undefined,
    );
    plugin.onLoad({ filter: /./, namespace: 'stand-in' }, ({ path }) => ({
      contents: standIns[path] ?? '',
      resolveDir: root,
    }));
  },
};

function mutate({ what, file, from, to }: Mutation): Plugin {
  return {
    name: 'mutate',
    setup(plugin) {
      plugin.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== join(root, file)) return undefined;
        const text = await readFile(path, 'utf8');
        if (!text.includes(from)) throw new Error(`${file} has no place for: ${what}`);
        return { contents: text.replace(from, to), loader: 'ts' };
      });
    },
  };
}
