import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, type FormatConfig } from 'oxfmt';
import { readPart, replaceParts } from '../scripts/docs/marked-text.ts';
import { root } from '../scripts/set-up/paths.mjs';

const part = 'bench';

// What `npm run docs` writes there.
const partsOfOthers = ['commands'];

/**
 * Puts `text` into the README, between `<!-- generated: bench -->` and `<!-- /generated -->`.
 *
 * @throws Error when the README is missing, or a marker in it.
 */
export async function writeIntoReadme(text: string): Promise<void> {
  const path = join(root, 'README.md');
  const page = readFileSync(path, 'utf8');
  checkHasPlace(page);
  const config = JSON.parse(readFileSync(join(root, '.oxfmtrc.json'), 'utf8')) as FormatConfig;
  const written = replaceParts(page, { [part]: text }, partsOfOthers);
  const { code } = await format('README.md', written, config);
  writeFileSync(path, code);
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
