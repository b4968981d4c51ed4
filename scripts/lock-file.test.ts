import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/**
 * Programs of the engine for other platforms. Its registry entry for these could not be read when the
 * lock was written; npm installs none of them here, and a newer engine brings its own.
 */
const unlocked = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'win32-arm64', 'win32-x64'].map(
  (platform) => `node_modules/@colbymchenry/codegraph-${platform}`,
);

interface LockedPackage {
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

it('names the hash of every package that can be installed', () => {
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(text) as { readonly packages: Record<string, LockedPackage> };
  const withoutHash = Object.entries(packages)
    .filter(([path, { link, inBundle }]) => path !== '' && link !== true && inBundle !== true)
    .filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))
    .map(([path]) => path);
  expect(withoutHash).toEqual(unlocked);
});
