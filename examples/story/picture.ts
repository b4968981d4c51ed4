/** `npm run picture`: draws the pictures of the README and of docs/views.md. */
import { writeFile } from 'node:fs/promises';
import { drawInstall } from './install-picture.ts';
import { drawViews } from './views-picture.ts';

const pictures = [...(await drawViews()), ['docs/install.svg', await drawInstall()] as const];
for (const [path, picture] of pictures) {
  await writeFile(new URL(`../../${path}`, import.meta.url), picture);
  console.log(`${path}: written`);
}
