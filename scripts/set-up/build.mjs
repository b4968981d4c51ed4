// @ts-check
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, root } from './paths.mjs';

// What the build reads. Compared by content: the times of a fresh checkout say nothing.
const inputs = [
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
  'scripts/build.ts',
  'scripts/build',
  'sender-thread',
  'contract',
  'src',
];

/** Holds the digest of the inputs that dist was built from. Not published. */
export const stampFile = '.inputs';

/**
 * Builds when dist is missing or was built from other sources.
 *
 * @throws Error when the build fails.
 */
export function ensureBuilt() {
  const stamp = join(root, 'dist', stampFile);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digestInputs()) return;

  console.log('Set-up: dist is missing or out of date, building …');
  const { status } = spawnSync(pinnedNode, [join(root, 'scripts', 'build.ts')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('Set-up: the build failed.');
}

/** A digest of everything the build reads; tests are left out. */
export function digestInputs() {
  // A distributor's policy is built in like a source.
  const hash = createHash('sha256').update(`${process.env['TELEMETRY_POLICY'] ?? ''}\0`);
  for (const path of inputs.flatMap(filesBelow)) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return path.endsWith('.test.ts') ? [] : [path];
  return readdirSync(absolute)
    .toSorted()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}
