import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** How to start the engine. */
export interface Engine {
  readonly file: string;
  /** Arguments that come before the user's. */
  readonly prefix: readonly string[];
  readonly version: string;
}

const enginePackage = '@colbymchenry/codegraph';

/**
 * The published engine: the installed peer, else what `CODEGRAPH_ENGINE` names. Of the peer it is
 * the platform bundle: the npm shim in front of it forwards no signal.
 */
export function findEngine(env: NodeJS.ProcessEnv): Engine | undefined {
  const named = env['CODEGRAPH_ENGINE'];
  return findPeer() ?? (named ? { file: named, prefix: [], version: unknownVersion } : undefined);
}

function findPeer(): Engine | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${enginePackage}/package.json`);
    return {
      ...findProgram(findBundle(manifest)),
      // Nobody needs it before the engine runs, and every command waits for that.
      get version() {
        return readVersion(manifest);
      },
    };
  } catch {
    // Not installed, or without a bundle for this platform.
    return undefined;
  }
}

/** The folder of the platform's bundle, a dependency of the engine's. @throws where there is none. */
function findBundle(manifest: string): string {
  const suffix = `-${process.platform}-${process.arch}`;
  // Where npm and its like put it. A look costs a tenth of what it takes Node to resolve a name.
  const sibling = `${dirname(manifest)}${suffix}`;
  if (existsSync(sibling)) return sibling;
  return dirname(createRequire(manifest).resolve(`${enginePackage}${suffix}/package.json`));
}

function findProgram(bundle: string): Pick<Engine, 'file' | 'prefix'> {
  if (process.platform === 'win32') {
    // Windows has no launcher script: the flags are those that it would give.
    const flags = ['--liftoff-only', '--disable-warning=ExperimentalWarning'];
    const entry = join(bundle, 'lib', 'dist', 'bin', 'codegraph.js');
    return { file: join(bundle, 'node.exe'), prefix: [...flags, entry] };
  }
  const launcher = join(bundle, 'bin', 'codegraph');
  return readLauncher(bundle, launcher) ?? { file: launcher, prefix: [] };
}

// The last line of the launcher: the bundle's own Node, flags, the engine.
const lastLine = /^exec "\$DIR\/node"((?: --[\w=-]+)*) "\$DIR\/([\w./-]+)" "\$@"$/m;

/**
 * What the launcher script comes down to: with no shell in between, the engine starts 4 ms earlier.
 * Undefined for a script that does it in another way. @throws where there is none.
 */
function readLauncher(
  bundle: string,
  launcher: string,
): Pick<Engine, 'file' | 'prefix'> | undefined {
  const [, flags, entry] = lastLine.exec(readFileSync(launcher, 'utf8')) ?? [];
  if (flags === undefined || entry === undefined) return undefined;
  const words = flags.split(' ').filter((word) => word !== '');
  return { file: join(bundle, 'node'), prefix: [...words, join(bundle, entry)] };
}

const unknownVersion = 'unknown';

function readVersion(manifest: string): string {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
  } catch {
    // An update has just replaced it.
    return unknownVersion;
  }
}
