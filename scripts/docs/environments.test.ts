import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../set-up/paths.mjs';

const pages = ['docs/environments.md', 'docs/platforms.md', 'docs/release.md'];

it.each(pages)('%s names only files that are there', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const links = Array.from(text.matchAll(/\]\((?!https:)([^)#]+)/g), ([, path = '']) => path);
  expect(links.length).toBeGreaterThan(1);
  const missing = links.filter((path) => !existsSync(join(root, dirname(page), path)));
  expect(missing).toEqual([]);
});

it('each kind of environment has a file that tries it, or says that nothing does', () => {
  const text = readFileSync(join(root, 'docs/environments.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| (?!Kind|---)/.test(line));
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter((row) => !/\]\([^)]+\.(?:ts|md)\)/.test(row))).toEqual([]);
});
