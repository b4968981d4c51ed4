import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtSenderThread } from '../../spec/support/flushes.ts';
import { root } from '../set-up/paths.mjs';
import { bundleGuest, freezeGuest, readEngine } from './guest.ts';

const guest = await readFile(join(root, 'dist', 'guest.js'), 'utf8');

it('the published thread holds the engine, and a snapshot made of the published guest, byte for byte', async () => {
  const { engine, snapshot } = (await builtSenderThread()).unpackImage();

  expect(Buffer.compare(snapshot, await freezeGuest(guest))).toBe(0);
  expect(Buffer.compare(engine, await readEngine())).toBe(0);
});

it('the published guest is made of the sources, with their names and comments', async () => {
  const { text } = await bundleGuest();
  const source = await readFile(join(root, 'sender-thread', 'guest', 'seal.ts'), 'utf8');
  const [comment = ''] = /\/\*\*.*?\*\//s.exec(source) ?? [];
  const unindented = guest.replaceAll(/^ +/gm, '');

  expect(guest).toBe(text);
  expect(unindented).toContain(comment.replaceAll(/^ +/gm, ''));
});
