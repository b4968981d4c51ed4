import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { openHome, temporaryFolder, type TestHome } from '../home.ts';
import { copyPackage } from '../package-copy.ts';

/** How a server is started: bare, or with the front before it. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Front {
  /** A server of one's own, with the front before it. */
  readonly tap: (server: string) => Launch;
  /** The same server without. */
  readonly bare: (server: string) => Launch;
}

/**
 * The built command where no engine is installed, so that it runs the server that
 * `CODEGRAPH_ENGINE` names. For all tests of a file: call it at the top.
 */
export function useFront(): Front {
  let home: TestHome;
  let command = '';
  beforeAll(() => {
    home = openHome();
    command = copyPackage(home);
  });
  afterAll(() => {
    home[Symbol.dispose]();
  });
  return {
    tap: (server) => ({
      command: process.execPath,
      args: [command, 'serve', '--mcp'],
      env: { CODEGRAPH_ENGINE: server },
    }),
    bare: (server) => ({ command: server, args: ['serve', '--mcp'], env: {} }),
  };
}

/**
 * A server that runs this code as a module, with the programs' `mcp-server.mjs` at hand as `mcp`.
 * Returns the path of a file that can be executed.
 */
export function serverOf(code: string): string {
  const file = join(temporaryFolder(), 'server.mjs');
  const helpers = pathToFileURL(programPath('mcp-server.mjs')).href;
  writeFileSync(file, `#!${process.execPath}\nimport * as mcp from '${helpers}';\n${code}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** The path of a program of the tests. */
export function programPath(name: string): string {
  return join(import.meta.dirname, '..', 'programs', name);
}
