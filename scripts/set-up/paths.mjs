// @ts-check
import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
export const modules = join(root, 'node_modules');
export const binFolder = join(modules, '.bin');

// The binary itself and not its link in .bin, which on Windows is a script.
export const pinnedNode = join(
  modules,
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/**
 * The PATH of the machine itself. npm puts node_modules/.bin first, where `node` is the pinned one.
 */
export function machinePath() {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.filter((folder) => !folder.split(sep).includes('node_modules')).join(delimiter);
}

/**
 * Where the machine has the program `name`, which may lie beside npm on Windows as a script.
 *
 * @param {string} name
 * @throws Error when no folder of the machine's PATH has it.
 */
export function machineProgram(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of machinePath().split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      if (existsSync(path)) return path;
    }
  }
  throw new Error(`No ${name} on the PATH.`);
}
