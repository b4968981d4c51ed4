import { expect, it } from 'vitest';
import { isInstalled } from './install.mjs';

const a = { version: '1.0.0', integrity: 'sha512-a' };
const b = { version: '2.0.0', integrity: 'sha512-b', optional: true };
const wanted = { '': { version: '0.1.0' }, 'node_modules/a': a, 'node_modules/b': b };

it.each([
  { name: 'all is there', installed: { 'node_modules/a': a, 'node_modules/b': b }, is: true },
  { name: 'what is for another platform is not', installed: { 'node_modules/a': a }, is: true },
  { name: 'a needed package is missing', installed: { 'node_modules/b': b }, is: false },
  {
    name: 'a package has another version',
    installed: { 'node_modules/a': { ...a, version: '1.0.1' } },
    is: false,
  },
  {
    name: 'a package has other content',
    installed: { 'node_modules/a': { ...a, integrity: 'sha512-c' } },
    is: false,
  },
  { name: 'an installation never finished', installed: null, is: false },
])('says installed: $is, when $name', ({ installed, is }) => {
  expect(isInstalled(wanted, installed)).toBe(is);
});
