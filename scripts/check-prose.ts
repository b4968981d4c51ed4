// Holds the pages and the texts of the command to our own rules for prose. cspell looks at the spelling.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintPage } from './prose/lint-page.ts';
import { findPhrases, knownFaults, proseOf } from './prose/rules.ts';
import { root } from './set-up/paths.mjs';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = ['*.md', 'docs/*.md', '{sender-thread,worker}/*.md'];
// Their strings are what a user reads in a terminal, and their comments follow the same rules.
const sources = ['src/{command,consent}/**/*.ts'];

const faults: string[] = [];
for (const path of globSync(pages, { cwd: root })) {
  const found = await lintPage(path, read(path));
  if (found.length > (knownFaults[path] ?? 0)) {
    faults.push(...found.map(({ line, message }) => `${path}:${line}: ${message}`));
  }
}
for (const path of globSync(sources, { cwd: root, exclude: (name) => name.endsWith('.test.ts') })) {
  const text = proseOf(read(path));
  for (const { index, message } of findPhrases(text)) {
    faults.push(`${path}:${text.slice(0, index).split('\n').length}: ${message}`);
  }
}
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
}
