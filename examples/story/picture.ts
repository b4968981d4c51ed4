/** `npm run picture`: draws the picture of `codegraph install` that the README shows. */
import { writeFile } from 'node:fs/promises';
import { drawInstall } from './install-picture.ts';

const file = new URL('../../docs/install.svg', import.meta.url);

await writeFile(file, await drawInstall());
console.log('docs/install.svg: written');
