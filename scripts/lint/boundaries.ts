import { posix, relative, sep } from 'node:path';

/** What the files of one folder may import: paths below the repository root, and packages. */
interface Boundary {
  readonly folder: string;
  readonly paths: readonly string[];
  /** `node:*` is all of Node's own modules. Left out: any package except this one. */
  readonly packages?: readonly string[];
}

// The first match wins, so a folder stands before the one that holds it. `src` names the sender
// thread by URL and asks the guest nothing; only `contract` is read by all. Every package that is
// published has its name here: one that opens connections does not come in unseen.
const boundaries: readonly Boundary[] = [
  { folder: 'contract', paths: ['contract'], packages: ['valibot'] },
  {
    folder: 'sender-thread/guest',
    paths: ['sender-thread/guest', 'contract'],
    packages: ['valibot', 'msgpackr'],
  },
  {
    folder: 'sender-thread',
    paths: ['sender-thread', 'contract'],
    packages: ['node:*', 'quickjs-wasi'],
  },
  {
    folder: 'src',
    paths: ['src', 'contract', 'package.json'],
    packages: ['node:*', '@clack/prompts', 'commander', 'piscina', 'valibot'],
  },
  { folder: 'worker/src', paths: ['worker/src', 'contract'] },
  { folder: 'worker', paths: ['worker', 'contract'] },
];

// A bare import of our own name would walk around every path above.
const ownName = 'codegraph-telemetry';

const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** The path of `filename` below `root`, with forward slashes. */
export function pathBelow(root: string, filename: string): string {
  return relative(root, filename).split(sep).join('/');
}

/** Tests and tool configuration may look across; everything else is production code. */
function isProductionCode(path: string): boolean {
  return !/\.(?:test|config)\.ts$/.test(path) && !path.startsWith('worker/test/');
}

/**
 * Why the file at `path` may not import `specifier`, or null when it may. A specifier of null is
 * one that is only known at run time.
 */
export function whyNotImport(path: string, specifier: string | null): string | null {
  const boundary = boundaries.find(({ folder }) => isBelow(path, folder));
  if (boundary === undefined || !isProductionCode(path)) return null;
  const { folder, paths, packages } = boundary;
  const packagesAllowed = packages?.join(', ') ?? 'any package but our own name';
  const rule = `${folder}/ may import only ${paths.join(', ')} and ${packagesAllowed}`;

  if (specifier === null) {
    return packages === undefined ? null : `${rule}: name the module as a plain string`;
  }
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    return paths.some((allowed) => isBelow(target, allowed)) ? null : `${rule}, not ${target}`;
  }
  const name = packageOf(specifier);
  const known = name.startsWith('node:') ? 'node:*' : name;
  const isAllowed = packages === undefined ? name !== ownName : packages.includes(known);
  return isAllowed && !specifier.startsWith('/') && !specifier.startsWith('file:')
    ? null
    : `${rule}, not ${specifier}`;
}
