import { expect, it } from 'vitest';
import { isOpenToOthers } from './write-file.ts';

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
