// Runs the tests: `npm test [-- vitest arguments]`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pinnedNode, root } from './set-up/paths.mjs';
import { withSealedEnvironment } from './sealed-environment.ts';

await withSealedEnvironment(async (env) => {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  // Left alone, vitest leaves one core free, and on two of them runs one file at a time.
  const args = [vitest, 'run', '--maxWorkers=2', ...process.argv.slice(2)];
  const child = spawn(pinnedNode, args, { cwd: root, stdio: 'inherit', env });
  // Ctrl-C reaches vitest from the terminal; we stay to remove the temporary home.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
});
