// Generates the Workers types, when they are missing or older than what they are made from. They
// hold the whole runtime's API (half a megabyte), so they are not committed.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import { withSealedEnvironment } from './sealed-environment.ts';
import { modules, pinnedNode, root } from './set-up/paths.mjs';

const output = join(root, 'worker', 'worker-configuration.d.ts');
const sources = ['worker/wrangler.jsonc', 'package-lock.json'].map((path) => join(root, path));

const changedAt = (path: string): number => statSync(path).mtimeMs;
const isFresh =
  existsSync(output) && sources.every((source) => changedAt(source) <= changedAt(output));

if (!isFresh) {
  const wrangler = join(modules, 'wrangler', 'bin', 'wrangler.js');
  const result = await withSealedEnvironment((env) =>
    runCommand(pinnedNode, [wrangler, 'types'], { cwd: join(root, 'worker'), env }),
  );
  if (result.code !== 0) console.error(result.output);
  process.exitCode = result.code;
}
