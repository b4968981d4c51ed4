import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { engineEnv } from '../run-engine.ts';
import { readEngineCommand } from '../engine.ts';
import { launcherText } from './launcher.ts';
import {
  findFirstPlace,
  findPlaces,
  isAttached,
  type Kept,
  launcherName,
  type Place,
  whyLocked,
} from './place.ts';
import { windowsCommandText, windowsLauncherText } from './windows-launcher.ts';

/** How a change of the command went. */
export interface Change {
  readonly ok: boolean;
  readonly message: string;
}

const noCommand =
  'There is no codegraph on your PATH. Install the engine first: ' +
  'npm install -g @colbymchenry/codegraph';

/**
 * Puts the front in the place of the `codegraph` that your shell starts, and keeps the engine's
 * command beside it as `codegraph-engine`. Changes nothing outside that directory.
 */
export function attach(env: NodeJS.ProcessEnv, platform = process.platform): Change {
  const place = findFirstPlace(env, platform);
  if (place === undefined) return { ok: false, message: noCommand };
  return attachAt(place, env);
}

/** The same at a place that is known. */
export function attachAt(place: Place, env: NodeJS.ProcessEnv): Change {
  const problem = whyLocked(place) ?? whyNoEngine(place, env);
  if (problem !== undefined) return { ok: false, message: `Nothing was changed. ${problem}` };
  const wasAttached = isAttached(place);
  try {
    writeLauncher(place, env);
    if (!wasAttached) for (const shell of place.shells) take(shell, place);
  } catch (error) {
    return { ok: false, message: `attach failed: ${describe(error)}` };
  }
  const did = wasAttached
    ? `${place.command} is attached already.`
    : `${place.command} now runs through codegraph-telemetry.\n` +
      `The engine's own command is kept as ${place.kept}.`;
  return { ok: true, message: `${did}\nTo undo: codegraph-telemetry detach` };
}

/**
 * Puts the engine's command back wherever on the PATH the front is, and removes what an update of
 * the engine has left of it.
 */
export function detach(env: NodeJS.ProcessEnv, platform = process.platform): Change {
  const isOurs = (place: Place): boolean => isAttached(place) || isFile(place.launcher);
  const places = findPlaces(env, isOurs, platform);
  if (places.length === 0) {
    return { ok: true, message: 'codegraph is not attached. Nothing was changed.' };
  }
  const changes = places.map((place) => detachAt(place, env));
  return {
    ok: changes.every(({ ok }) => ok),
    message: changes.map(({ message }) => message).join('\n'),
  };
}

function detachAt(place: Place, env: NodeJS.ProcessEnv): Change {
  const problem = whyLocked(place);
  if (problem !== undefined) return { ok: false, message: `Nothing was changed. ${problem}` };
  const { command, kept, launcher, shells } = place;
  try {
    const wasAttached = isAttached(place);
    const hasEngine = readEngineCommand(kept, env) !== undefined;
    for (const shell of shells) {
      if (wasAttached && hasEngine && isThere(shell.kept)) renameSync(shell.kept, shell.command);
      else if (wasAttached) rmSync(shell.command, { force: true });
      rmSync(shell.kept, { force: true });
    }
    rmSync(launcher, { force: true });
    const done = hasEngine
      ? `${command} is the engine's own command again.`
      : `${command} is removed: the engine behind it is not installed any more.`;
    const message = wasAttached ? done : `Removed what was left in ${dirname(command)}.`;
    return { ok: true, message };
  } catch (error) {
    return { ok: false, message: `detach failed: ${describe(error)}` };
  }
}

/** Takes nothing from a program that is not the engine, however it is called. */
function whyNoEngine(place: Place, env: NodeJS.ProcessEnv): string | undefined {
  if (isAttached(place)) return undefined;
  const engine = readEngineCommand(place.command, env);
  if (engine === undefined) return `${place.command} cannot be read.`;
  if (engine.prefix.length > 0) return undefined;
  try {
    const options = { env: engineEnv(), timeout: answerMs, encoding: 'utf8' } as const;
    const answer = execFileSync(place.command, ['--version'], options);
    if (/^\d+\.\d+\.\d+/.test(answer)) return undefined;
  } catch {
    // Said below.
  }
  return `${place.command} is not the engine's command: it does not tell its version.`;
}

// The engine tells its version within half a second; a slow disk has room.
const answerMs = 10_000;

function writeLauncher(place: Place, env: NodeJS.ProcessEnv): void {
  const front = stablePath(join(import.meta.dirname, 'codegraph.js'));
  const { launcher, command, kept, platform } = place;
  if (platform !== 'win32') {
    replaceFile(launcher, launcherText(place, front), 0o755);
    return;
  }
  const machine = { platform, arch: process.arch };
  const engine = readEngineCommand(isAttached(place) ? kept : command, env, machine);
  replaceFile(launcher, windowsLauncherText(place, front, engine), 0o644);
}

/** The engine's command stays where it is while it is copied: an agent may be starting it just now. */
function take({ command, kept }: Kept, { launcher, platform }: Place): void {
  if (!isThere(command)) return;
  if (lstatSync(command).isSymbolicLink()) replaceByLink(kept, readlinkSync(command));
  else replaceFile(kept, readFileSync(command), lstatSync(command).mode);
  if (platform === 'win32') {
    replaceFile(command, windowsCommandText(extname(command), basename(launcher)), 0o755);
  } else replaceByLink(command, launcherName);
}

// Its directory is inside node_modules, or beside that for global packages.
const pnpmPath = /^(.*?)(?:[/\\]node_modules)?[/\\]\.pnpm[/\\][^/\\]+[/\\]node_modules([/\\].*)$/;

/** pnpm keeps a package below a name with its version, and links to that from where it is found. */
function stablePath(path: string): string {
  const [, folder, rest] = pnpmPath.exec(path) ?? [];
  if (folder === undefined || rest === undefined) return path;
  const linked = join(folder, 'node_modules', rest);
  return existsSync(linked) && realpathSync(linked) === realpathSync(path) ? linked : path;
}

function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  chmodSync(draft, mode);
  renameSync(draft, path);
}

function replaceByLink(path: string, target: string): void {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  rmSync(draft, { force: true });
  symlinkSync(target, draft);
  renameSync(draft, path);
}

/** A link counts, wherever it leads. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
