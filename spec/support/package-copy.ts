import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestHome } from './home.ts';
import { dist, modules } from './paths.ts';

const lateDependencies = ['@clack/prompts', 'commander', 'quickjs-wasi', 'valibot'];

/**
 * Puts our package into a folder of its own, where no engine is installed beside it. Returns the
 * path of the command.
 */
export function copyPackage({ root }: TestHome): string {
  const folder = join(root, 'package');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  cpSync(dist, join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of lateDependencies) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(modules, name), link);
  }
  return join(folder, 'dist', 'codegraph.js');
}

/** Writes a program in `sh` that can stand in for the engine. Returns its path. */
export function writeEngine({ root }: TestHome, script: string, mode = 0o755): string {
  const path = join(root, 'engine');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, mode);
  return path;
}
