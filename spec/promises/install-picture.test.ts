import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawInstall } from '../../examples/story/install-picture.ts';

it('the picture in the README is what the installer looks like', async () => {
  const shown = readFileSync(new URL('../../docs/install.svg', import.meta.url), 'utf8');

  expect(await drawInstall(), 'run `npm run picture`').toBe(shown);
});
