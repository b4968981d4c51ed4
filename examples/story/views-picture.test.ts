import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawViews } from './views-picture.ts';

it.each([...(await drawViews())])('%s is what the command prints', (path, picture) => {
  const shown = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

  expect(picture, 'run `npm run picture`').toBe(shown);
});
