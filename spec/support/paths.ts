import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What was built, as it is published. */
export const dist = join(import.meta.dirname, '..', '..', 'dist');

/** The built `codegraph` command. */
export const front = join(dist, 'codegraph.js');

/** URL of the built library, for an `import` in a program. */
export const library = pathToFileURL(join(dist, 'index.js')).href;

/** Packages that were installed. */
export const modules = join(dist, '..', 'node_modules');

const platform = `@colbymchenry/codegraph-${process.platform}-${process.arch}`;

/** The engine's own launcher, which the front starts as well. */
export const engine = join(
  dirname(fileURLToPath(import.meta.resolve(`${platform}/package.json`))),
  'bin',
  'codegraph',
);

/** A preload by its name in `programs`, as an option of Node. */
export function preload(name: string): string {
  return `--import=${pathToFileURL(join(import.meta.dirname, 'programs', name)).href}`;
}
