import files from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryPaths } from '../spec/support/home.ts';
import { isOpenToOthers, replaceFile } from './write-file.ts';

it.each<[platform: string, mode: number, isOpen: boolean]>([
  ['linux', 0o100600, false],
  ['linux', 0o100644, true],
  ['darwin', 0o040700, false],
  ['darwin', 0o040750, true],
  // As Node shows every file there that can be written.
  ['win32', 0o100666, false],
])('on %s, a mode of %o leaves a file open to others: %s', (platform, mode, isOpen) => {
  expect(isOpenToOthers(mode, platform)).toBe(isOpen);
});

it('writes where no open is exclusive, and not over a name that is taken', () => {
  const { dataDir } = temporaryPaths();
  const openSync = (path: string, flags: 'wx' | 'w', mode: number): number => {
    if (flags === 'wx') throw Object.assign(new Error('EINVAL'), { code: 'EINVAL' });
    return files.openSync(path, flags, mode);
  };
  const path = join(dataDir, 'ledger.json');
  replaceFile(path, 'one', { ...files, openSync }, 'a');
  replaceFile(path, 'two', { ...files, openSync }, 'a');
  expect(files.readFileSync(path, 'utf8')).toBe('two');
  files.symlinkSync(path, `${path}.b.tmp`);
  expect(() => {
    replaceFile(path, 'three', { ...files, openSync }, 'b');
  }).toThrow(/EEXIST/);
  expect(files.readFileSync(path, 'utf8')).toBe('two');
});
