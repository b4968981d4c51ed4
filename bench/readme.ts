import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPart, replaceParts } from '../scripts/docs/markdown.ts';
import { formatPage } from '../scripts/docs/pages.ts';
import { root } from '../scripts/set-up/paths.mjs';

const part = 'bench';

/**
 * Puts `text` into the README, between `<!-- generated: bench -->` and `<!-- /generated -->`.
 *
 * @throws Error when the README is missing, or a marker in it.
 */
export async function writeIntoReadme(text: string): Promise<void> {
  const path = join(root, 'README.md');
  const page = readFileSync(path, 'utf8');
  checkHasPlace(page);
  writeFileSync(path, await formatPage('README.md', replaceParts(page, { [part]: text })));
}

/** To be asked before minutes of measuring. @throws Error when the README has no place. */
export function checkReadme(): void {
  checkHasPlace(readFileSync(join(root, 'README.md'), 'utf8'));
}

function checkHasPlace(page: string): void {
  if (readPart(page, part) !== undefined) return;
  throw new Error(
    `README.md has no place for the table. Put there:\n\n<!-- generated: ${part} -->\n<!-- /generated -->`,
  );
}
