import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPart, replaceParts } from '../scripts/docs/markdown.ts';
import { formatPage } from '../scripts/docs/pages.ts';
import { root } from '../scripts/set-up/paths.mjs';

const part = 'bench';

/**
 * Puts `text` into docs/bench.md, between `<!-- generated: bench -->` and `<!-- /generated -->`.
 *
 * @throws Error when the page is missing, or a marker in it.
 */
export async function writeIntoPage(text: string): Promise<void> {
  const path = join(root, 'docs/bench.md');
  const page = readFileSync(path, 'utf8');
  checkHasPlace(page);
  writeFileSync(path, await formatPage('docs/bench.md', replaceParts(page, { [part]: text })));
}

/** To be asked before minutes of measuring. @throws Error when the page has no place. */
export function checkPage(): void {
  checkHasPlace(readFileSync(join(root, 'docs/bench.md'), 'utf8'));
}

function checkHasPlace(page: string): void {
  if (readPart(page, part) !== undefined) return;
  throw new Error(
    `docs/bench.md has no place for the table. Put there:\n\n<!-- generated: ${part} -->\n<!-- /generated -->`,
  );
}
