import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { engineEnv } from '../run-engine.ts';
import { readEngineCommand } from '../engine.ts';
import { launcherText } from './launcher.ts';
import {
  findFirstPlace,
  findPlaces,
  isAttached,
  launcherName,
  type Place,
  whyLocked,
} from './place.ts';

/** How a change of the command went. */
export interface Change {
  readonly ok: boolean;
  readonly message: string;
}

const onWindows =
  'attach and detach do not work on Windows yet. To run the engine through this package: ' +
  'codegraph-telemetry front <command>';

const noCommand =
  'There is no codegraph on your PATH. Install the engine first: ' +
  'npm install -g @colbymchenry/codegraph';

/**
 * Puts the front in the place of the `codegraph` that your shell starts, and keeps the engine's
 * command beside it as `codegraph-engine`. Changes nothing outside that directory.
 */
export function attach(env: NodeJS.ProcessEnv): Change {
  if (process.platform === 'win32') return { ok: false, message: onWindows };
  const place = findFirstPlace(env);
  if (place === undefined) return { ok: false, message: noCommand };
  return attachAt(place, env);
}

/** The same at a place that is known. */
export function attachAt(place: Place, env: NodeJS.ProcessEnv): Change {
  const problem = whyLocked(place) ?? whyNoEngine(place, env);
  if (problem !== undefined) return { ok: false, message: `Nothing was changed. ${problem}` };
  const wasAttached = isAttached(place);
  try {
    writeLauncher(place);
    if (!wasAttached) {
      keep(place);
      replaceByLink(place.command, launcherName);
    }
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
export function detach(env: NodeJS.ProcessEnv): Change {
  if (process.platform === 'win32') return { ok: false, message: onWindows };
  const places = findPlaces(env, (place) => isAttached(place) || isFile(place.launcher));
  if (places.length === 0) {
    return { ok: true, message: 'codegraph is not attached. Nothing was changed.' };
  }
  const changes = places.map(detachAt);
  return {
    ok: changes.every(({ ok }) => ok),
    message: changes.map(({ message }) => message).join('\n'),
  };
}

function detachAt(place: Place): Change {
  const problem = whyLocked(place);
  if (problem !== undefined) return { ok: false, message: `Nothing was changed. ${problem}` };
  const { command, kept, launcher } = place;
  try {
    const wasAttached = isAttached(place);
    const hasEngine = existsSync(kept);
    if (wasAttached && hasEngine) renameSync(kept, command);
    else if (wasAttached) rmSync(command);
    rmSync(kept, { force: true });
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

function writeLauncher(place: Place): void {
  const front = join(import.meta.dirname, 'codegraph.js');
  const draft = `${place.launcher}.${process.pid}`;
  writeFileSync(draft, launcherText(place, stablePath(front)));
  chmodSync(draft, 0o755);
  renameSync(draft, place.launcher);
}

// Its folder lies in node_modules, or for global packages beside it.
const pnpmPath = /^(.*?)(?:\/node_modules)?\/\.pnpm\/[^/]+\/node_modules(\/.*)$/;

/** pnpm keeps a package below a name with its version, and links to that from where it is found. */
function stablePath(path: string): string {
  const [, folder, rest] = pnpmPath.exec(path) ?? [];
  if (folder === undefined || rest === undefined) return path;
  const linked = `${folder}/node_modules${rest}`;
  return existsSync(linked) && realpathSync(linked) === realpathSync(path) ? linked : path;
}

/** The command stays where it is while it is copied: an agent may be starting it just now. */
function keep({ command, kept }: Place): void {
  if (lstatSync(command).isSymbolicLink()) {
    replaceByLink(kept, readlinkSync(command));
    return;
  }
  const draft = `${kept}.${process.pid}`;
  copyFileSync(command, draft);
  chmodSync(draft, lstatSync(command).mode);
  renameSync(draft, kept);
}

function replaceByLink(path: string, target: string): void {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  rmSync(draft, { force: true });
  symlinkSync(target, draft);
  renameSync(draft, path);
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
