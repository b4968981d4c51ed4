import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, test } from 'vitest';
import { temporaryFolder } from '../../spec/support/home.ts';
import { root } from '../../scripts/set-up/paths.mjs';
import { findThread } from './find-thread.ts';

test.each<[what: string, toNamed: (path: string) => string | URL]>([
  ['a path', (path) => path],
  ['a file URL', (path) => pathToFileURL(path)],
  ['the text of a file URL', (path) => pathToFileURL(path).href],
])('takes the file that the host names, by %s', (_, toNamed) => {
  const path = join(temporaryFolder(), 'thread.mjs');
  writeFileSync(path, '');
  expect(findThread(toNamed(path))).toBe(path);
});

it('takes a data URL as it stands', () => {
  expect(findThread('data:text/javascript,1')).toBe('data:text/javascript,1');
});

it('says which file is missing, and looks for no other, when the host has named it', () => {
  expect(() => findThread('/nowhere/thread.mjs')).toThrow('/nowhere/thread.mjs');
});

it('finds the thread of the installed package when none lies beside the module', () => {
  expect(findThread(undefined)).toBe(join(root, 'dist', 'thread.mjs'));
});
