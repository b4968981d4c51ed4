import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack, sizeOfLibrary } from '../scripts/package/tarball.ts';
import { root } from '../scripts/set-up/paths.mjs';
import type { Bench } from './bench.ts';

/** What an installation takes: the package, and the packages that it depends on. */
export const installSize: Bench = {
  name: 'install-size',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'codegraph-bench-pack-'));
    try {
      const tarball = await pack(folder);
      const { path, files } = tarball;
      const library = sizeOfLibrary(tarball);
      const unpacked = sum(files.map((file) => statSync(join(root, file)).size));
      const dependencies = findDependencies();
      const ofDependencies = sum([...dependencies.values()].map(bytesBelow));
      return [
        { what: 'package to download', unit: 'kB', ours: statSync(path).size / 1_000 },
        { what: 'files in it', unit: 'files', ours: files.length },
        {
          what: 'library in it, without the command',
          unit: 'kB',
          ours: library.bytes / 1_000,
          target: { atMost: 1_000 },
        },
        {
          what: 'files of the library',
          unit: 'files',
          ours: library.files,
          target: { atMost: 15 },
        },
        {
          what: `installed, with ${dependencies.size} packages it depends on`,
          unit: 'kB',
          ours: (unpacked + ofDependencies) / 1_000,
          beside: { 'package alone': unpacked / 1_000 },
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Manifest {
  readonly dependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
}

/** The folder of each package that is installed with ours on this platform, by name. */
function findDependencies(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (folder: string): void => {
    const { dependencies, optionalDependencies } = readManifest(folder);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const dependency = findPackage(name, folder);
      if (dependency === undefined || found.has(name)) continue;
      found.set(name, dependency);
      visit(dependency);
    }
  };
  visit(root);
  return found;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Where `name` is installed, as seen from `folder`; undefined for another platform’s. */
function findPackage(name: string, folder: string): string | undefined {
  const places = createRequire(join(folder, 'package.json')).resolve.paths(name) ?? [];
  return places
    .map((place) => join(place, name))
    .find((place) => statSync(join(place, 'package.json'), { throwIfNoEntry: false }));
}

function bytesBelow(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return sum(files.map(({ parentPath, name }) => statSync(join(parentPath, name)).size));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
