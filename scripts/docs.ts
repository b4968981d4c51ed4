// Writes the generated parts of README.md and TELEMETRY.md: `npm run docs`. With `--check` it writes
// nothing and fails when a page differs from the code.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderPages } from './docs/pages.ts';
import { root } from './set-up/paths.mjs';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

for (const { path, text, wanted } of await renderPages()) {
  const isSame = text === wanted;
  if (values.check) {
    console.log(isSame ? `${path}: as the code says` : `${path}: differs, run npm run docs`);
    if (!isSame) process.exitCode = 1;
  } else {
    if (!isSame) await writeFile(join(root, path), wanted);
    console.log(`${path}: ${isSame ? 'nothing to change' : 'written'}`);
  }
}
