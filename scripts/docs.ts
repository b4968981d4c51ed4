// Writes the generated parts of the pages: `npm run docs`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderPages } from './docs/pages.ts';
import { root } from './set-up/paths.mjs';

for (const { path, text, wanted } of await renderPages()) {
  if (text !== wanted) await writeFile(join(root, path), wanted);
  console.log(`${path}: ${text === wanted ? 'nothing to change' : 'written'}`);
}
