import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../set-up/paths.mjs';
import { bundleGuest, freezeGuest } from './guest.ts';

const guest = await readFile(join(root, 'dist', 'guest.js'), 'utf8');

it('the published snapshot is made of the published guest, byte for byte', async () => {
  const snapshot = await readFile(join(root, 'dist', 'guest.snapshot'));

  expect(snapshot.equals(await freezeGuest(guest))).toBe(true);
});

it('the published guest is made of the sources, with their names and comments', async () => {
  const { text } = await bundleGuest();
  const source = await readFile(join(root, 'sender-thread', 'guest', 'seal.ts'), 'utf8');
  const [comment = ''] = /\/\*\*.*?\*\//s.exec(source) ?? [];
  const unindented = guest.replaceAll(/^ +/gm, '');

  expect(guest).toBe(text);
  expect(unindented).toContain(comment.replaceAll(/^ +/gm, ''));
});
