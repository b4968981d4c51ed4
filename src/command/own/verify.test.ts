import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../spec/support/home.ts';
import { writeHashes } from '../../../scripts/build/hashes.ts';
import { verify } from './verify.ts';

/** A folder of three files, one below another folder, with their list. */
async function publish(): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'types'));
  writeFileSync(join(folder, 'index.js'), 'export {};\n');
  writeFileSync(join(folder, 'codegraph.js'), '#!/usr/bin/env node\n');
  writeFileSync(join(folder, 'types', 'index.d.ts'), 'export {};\n');
  await writeHashes(folder);
  return folder;
}

it('files that nobody has changed are as they were published', async () => {
  const { ok, message } = verify(await publish());
  expect([ok, message]).toEqual([true, expect.stringContaining('3 files are as they were')]);
  expect(message).toMatch(/sha256 of hashes\.json: [0-9a-f]{64}$/m);
});

describe('a copy is not as it was published when a file', () => {
  it.each<[what: string, change: (folder: string) => void, told: string]>([
    [
      'has a byte more',
      (folder) => appendFileSync(join(folder, 'index.js'), ' '),
      'changed: index.js',
    ],
    ['is gone', (folder) => rmSync(join(folder, 'types/index.d.ts')), 'missing: types/index.d.ts'],
    [
      'is new',
      (folder) => writeFileSync(join(folder, 'types/x.js'), ''),
      'not published: types/x.js',
    ],
    [
      'has another name',
      (folder) => renameSync(join(folder, 'index.js'), join(folder, 'main.js')),
      'missing: index.js\nnot published: main.js',
    ],
    [
      'is the list, and gone',
      (folder) => rmSync(join(folder, 'hashes.json')),
      'cannot be compared',
    ],
    [
      'is the list, and empty',
      (folder) => writeFileSync(join(folder, 'hashes.json'), '{}'),
      'lists nothing',
    ],
    [
      'is the list, and no JSON',
      (folder) => writeFileSync(join(folder, 'hashes.json'), '{'),
      'cannot be compared',
    ],
  ])('%s', async (_, change, told) => {
    const folder = await publish();
    change(folder);
    const { ok, message } = verify(folder);
    expect([ok, message]).toEqual([false, expect.stringContaining(told)]);
  });
});
