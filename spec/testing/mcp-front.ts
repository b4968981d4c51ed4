import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { temporaryFolder } from './temporary-home.ts';

const root = join(import.meta.dirname, '..', '..');

/** What our package needs at run time: all but the engine. */
const dependencies = ['commander', 'piscina', 'quickjs-wasi', 'valibot'];

/** How a server is started: bare, or with the front before it. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The built command as it is published. */
export const command = join(root, 'dist', 'codegraph.js');

/** The engine's own launcher, as the front starts it, and its npm command. */
export const engine = findEngine();

function findEngine(): Record<'launcher' | 'shim', string> {
  const name = '@colbymchenry/codegraph';
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const platform = `${name}-${process.platform}-${process.arch}`;
  const bundle = dirname(createRequire(manifest).resolve(`${platform}/package.json`));
  return {
    launcher: join(bundle, 'bin', 'codegraph'),
    shim: join(dirname(manifest), 'npm-shim.js'),
  };
}

export interface Front {
  /** A server of one's own, with the front before it. */
  readonly tap: (server: string) => Launch;
  /** The same server without. */
  readonly bare: (server: string) => Launch;
}

/**
 * The built command where the engine cannot be found, so that it runs the server that
 * `CODEGRAPH_ENGINE` names. For all tests of a file: call it at the top.
 */
export function useFront(): Front {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'codegraph-telemetry-front-'));
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    mkdirSync(join(folder, 'node_modules'));
    for (const name of dependencies) {
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return {
    tap: (server) => ({
      command: process.execPath,
      args: [join(folder, 'dist', 'codegraph.js'), 'serve', '--mcp'],
      env: { CODEGRAPH_ENGINE: server },
    }),
    bare: (server) => ({ command: server, args: ['serve', '--mcp'], env: {} }),
  };
}

/**
 * A server that runs this code as a module, with `serve.ts` of the programs at hand under that
 * name. Returns the path of a file that can be executed.
 */
export function serverOf(code: string): string {
  const file = join(temporaryFolder(), 'server.mjs');
  const helpers = pathToFileURL(join(import.meta.dirname, 'programs', 'mcp-server.mjs')).href;
  writeFileSync(
    file,
    `#!${process.execPath}\nimport * as mcp from ${JSON.stringify(helpers)};\n${code}\n`,
  );
  chmodSync(file, 0o755);
  return file;
}
