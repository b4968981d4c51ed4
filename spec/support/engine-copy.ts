import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestHome } from './home.ts';
import { dist, engine } from './paths.ts';

const examples = join(dirname(dist), 'examples', 'engine');

/**
 * The published engine, copied, with our module in the place of its own, and with consent by session.
 * Returns its launcher.
 */
export function copyEngine({ root }: TestHome): string {
  const from = dirname(dirname(engine));
  const to = join(root, 'engine');
  const code = join(to, 'lib', 'dist');
  mkdirSync(join(to, 'bin'), { recursive: true });
  cpSync(engine, join(to, 'bin', 'codegraph'));
  cpSync(join(from, 'lib', 'dist'), code, {
    recursive: true,
    filter: (path) => !path.endsWith('.map') && !path.includes('/viewer/assets'),
  });
  for (const name of ['node', 'lib/kernel', 'lib/node_modules', 'lib/package.json'])
    symlinkSync(join(from, name), join(to, name));
  mkdirSync(join(to, 'node_modules'));
  symlinkSync(dirname(dist), join(to, 'node_modules', 'codegraph-telemetry'));
  cpSync(join(examples, 'telemetry.cjs'), join(code, 'telemetry', 'index.js'));
  const patch = ['apply', '-p1', join(examples, 'consent-by-session.patch')];
  // Else git would look for a repository around the folder.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: root };
  const { status, stderr } = spawnSync('git', patch, { cwd: code, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The patch does not fit this engine: ${stderr}`);
  return join(to, 'bin', 'codegraph');
}
