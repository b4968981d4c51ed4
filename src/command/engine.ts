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
 * the platform bundle's own launcher: the npm shim in front of it forwards no signal.
 */
export function findEngine(env: NodeJS.ProcessEnv): Engine | undefined {
  const named = env['CODEGRAPH_ENGINE'];
  return findPeer() ?? (named ? { file: named, prefix: [], version: 'unknown' } : undefined);
}

function findPeer(): Engine | undefined {
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`${enginePackage}/package.json`);
    // The bundle is a dependency of the engine's, and found from there.
    const platform = `${enginePackage}-${process.platform}-${process.arch}`;
    const bundle = dirname(createRequire(manifest).resolve(`${platform}/package.json`));
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { ...findLauncher(bundle), version };
  } catch {
    // Not installed, or without a bundle for this platform.
    return undefined;
  }
}

function findLauncher(bundle: string): Pick<Engine, 'file' | 'prefix'> {
  const launcher = join(bundle, 'bin', 'codegraph');
  if (process.platform !== 'win32' && existsSync(launcher)) return { file: launcher, prefix: [] };
  // Windows has no launcher script: the flags are those that it would give.
  const flags = ['--liftoff-only', '--disable-warning=ExperimentalWarning'];
  const entry = join(bundle, 'lib', 'dist', 'bin', 'codegraph.js');
  return { file: join(bundle, 'node.exe'), prefix: [...flags, entry] };
}
