// Asks the registry for known defects of what the lock file names: `npm run check -- audit`. A registry
// that does not answer is said and fails nothing.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { judgeAudit } from './audit/judge-audit.ts';
import { runCommand } from './run-command.ts';
import { machinePath, machineProgram, root } from './set-up/paths.mjs';

const licenses = await readFile(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
const inside = Array.from(licenses.matchAll(/^== (\S+)/gm), ([, name]) => name!);
const { output } = await runCommand(
  `"${machineProgram('npm')}" audit --package-lock-only --json --loglevel=silent`,
  [],
  { cwd: root, env: { ...process.env, PATH: machinePath() }, shell: true },
);
const { isGood, text } = judgeAudit(output, inside);
console.log(text);
process.exitCode = isGood ? 0 : 1;
