import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestHome } from './home.ts';
import { dist } from './paths.ts';

/**
 * Puts our package into a folder of its own, where no engine is installed beside it. Returns the
 * path of the command.
 */
export function copyPackage({ root }: TestHome): string {
  const folder = join(root, 'package');
  mkdirSync(folder);
  cpSync(dist, join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return join(folder, 'dist', 'codegraph.js');
}

/** Writes a program in `sh` that can stand in for the engine. Returns its path. */
export function writeEngine({ root }: TestHome, script: string, mode = 0o755): string {
  const path = join(root, 'engine');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, mode);
  return path;
}
