import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** How to start the engine. */
export interface Engine {
  readonly file: string;
  /** Arguments that come before the user's. */
  readonly prefix: readonly string[];
  readonly version: string;
}

/** What the engine's packages are made for. */
type Machine = Pick<NodeJS.Process, 'platform' | 'arch'>;

const enginePackage = '@colbymchenry/codegraph';

/** In the environment of an attached front: the path of the command whose place it took. */
export const frontVariable = 'CODEGRAPH_TELEMETRY_FRONT';

/** Beside an attached front: the engine's own command, which had its place before. */
export const keptName = 'codegraph-engine';

/**
 * The published engine: the one whose command the front took the place of, else the installed peer,
 * else what `CODEGRAPH_ENGINE` names. Of a package it is the platform bundle, because the npm shim
 * forwards no signal.
 */
export function findEngine(env: NodeJS.ProcessEnv): Engine | undefined {
  const named = env['CODEGRAPH_ENGINE'];
  return (
    findKept(env) ??
    findPeer(env) ??
    (named ? { file: named, prefix: [], version: unknownVersion } : undefined)
  );
}

function findKept(env: NodeJS.ProcessEnv): Engine | undefined {
  const front = env[frontVariable];
  if (!front) return undefined;
  // On Windows a command's name ends in `.cmd`.
  return readEngineCommand(join(dirname(front), keptName + extname(front)), env);
}

/** The engine that a command of it starts; undefined where there is no such file. */
export function readEngineCommand(
  command: string,
  env: NodeJS.ProcessEnv,
  machine: Machine = process,
): Engine | undefined {
  try {
    const file = realpathSync(command);
    if (basename(file) === shimName) {
      return readPackage(join(dirname(file), 'package.json'), env, machine);
    }
    const bundle = dirname(dirname(file));
    const manifest = join(bundle, 'lib', 'package.json');
    if (existsSync(manifest)) return withVersion(findProgram(bundle, machine), manifest);
    const shim = readScript(file);
    const found = shim && readPackage(join(dirname(shim), 'package.json'), env, machine);
    return found || { file: command, prefix: [], version: unknownVersion };
  } catch {
    return undefined;
  }
}

// pnpm everywhere, and npm on Windows, start it from a script: by a path from where that lies, or a
// whole one.
const scriptLine = /"(?:\$basedir\/|%(?:~dp0|dp0%)\\?|(?=\/|[A-Z]:))([^"%$]+[/\\]npm-shim\.js)"/i;
const maxScriptBytes = 16_384;

function readScript(file: string): string | undefined {
  if (statSync(file).size > maxScriptBytes) return undefined;
  const [, path] = scriptLine.exec(readFileSync(file, 'utf8')) ?? [];
  if (path === undefined) return undefined;
  return realpathSync(resolve(dirname(file), path.replaceAll('\\', '/')));
}

function findPeer(env: NodeJS.ProcessEnv): Engine | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${enginePackage}/package.json`);
    return readPackage(manifest, env, process);
  } catch {
    // Not installed.
    return undefined;
  }
}

const shimName = 'npm-shim.js';

/**
 * Without a platform package it is what the engine's own command runs then: a bundle that was
 * downloaded before, else the npm shim itself, which downloads one or says what is wrong.
 */
function readPackage(
  manifest: string,
  env: NodeJS.ProcessEnv,
  machine: Machine,
): Engine | undefined {
  for (const find of [findBundle, findDownload]) {
    try {
      return withVersion(findProgram(find(manifest, machine, env), machine), manifest);
    } catch {
      // Not there, or not whole.
    }
  }
  const shim = join(dirname(manifest), shimName);
  if (!existsSync(shim)) return undefined;
  return withVersion({ file: process.execPath, prefix: [shim] }, manifest);
}

function withVersion(program: Pick<Engine, 'file' | 'prefix'>, manifest: string): Engine {
  return {
    ...program,
    // Read late: only a running engine needs it, and every command would wait for it.
    get version() {
      return readVersion(manifest);
    },
  };
}

/** Where the npm shim keeps what it downloads. */
function findDownload(
  manifest: string,
  { platform, arch }: Machine,
  env: NodeJS.ProcessEnv,
): string {
  const folder = env['CODEGRAPH_INSTALL_DIR'] || join(homedir(), '.codegraph');
  const name = `${platform}-${arch}-${readVersion(manifest)}`;
  return join(folder, 'bundles', name);
}

/** The directory of the platform's bundle, a dependency of the engine's. @throws where there is none. */
function findBundle(manifest: string, { platform, arch }: Machine): string {
  const suffix = `-${platform}-${arch}`;
  // Where npm and its like put it. A look costs a tenth of what it takes Node to resolve a name.
  const sibling = `${dirname(manifest)}${suffix}`;
  if (existsSync(sibling)) return sibling;
  return dirname(createRequire(manifest).resolve(`${enginePackage}${suffix}/package.json`));
}

/** @throws where there is none. */
function findProgram(bundle: string, { platform }: Machine): Pick<Engine, 'file' | 'prefix'> {
  if (platform === 'win32') {
    // Windows has no launcher script: the flags are those that it would give.
    const flags = ['--liftoff-only', '--disable-warning=ExperimentalWarning'];
    const entry = join(bundle, 'lib', 'dist', 'bin', 'codegraph.js');
    const node = join(bundle, 'node.exe');
    if (!existsSync(node)) throw new Error(`There is no ${node}.`);
    return { file: node, prefix: [...flags, entry] };
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
