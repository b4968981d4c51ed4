import { accessSync, constants, existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, posix, win32 } from 'node:path';
import { keptName } from '../engine.ts';

/**
 * The place of `codegraph` in a directory of the PATH. An attached front is three files there: the
 * command, the launcher that it names, and the engine's command under another name. On Windows each
 * kind of shell has a command of its own.
 */
export interface Place extends Kept {
  readonly platform: NodeJS.Platform;
  readonly launcher: string;
  /** All that a shell may start, that of the place first. */
  readonly shells: readonly Kept[];
}

/** A command, and where the engine's is kept that it takes the place of. */
export interface Kept {
  readonly command: string;
  readonly kept: string;
}

/** The name of the launcher. A command that names it is a front. */
export const launcherName = '.codegraph-telemetry';

const windowsEndings = ['.cmd', '', '.ps1'] as const;

/** The place in one directory. */
export function placeIn(folder: string, platform: NodeJS.Platform = process.platform): Place {
  const inFolder = (ending: string): Kept => ({
    command: join(folder, `codegraph${ending}`),
    kept: join(folder, `${keptName}${ending}`),
  });
  const isWindows = platform === 'win32';
  const [first, ...others] = isWindows ? windowsEndings : ([''] as const);
  const launcher = join(folder, isWindows ? `${launcherName}.cjs` : launcherName);
  const shells = [first, ...others].map(inFolder);
  return { platform, launcher, ...inFolder(first), shells };
}

/** Whether the command there is the front that `attach` put there. */
export function isAttached({ command, launcher, platform }: Place): boolean {
  try {
    return platform === 'win32'
      ? readFileSync(command, 'utf8').includes(basename(launcher))
      : lstatSync(command).isSymbolicLink() && basename(realpathSync(command)) === launcherName;
  } catch {
    return false;
  }
}

/** Each directory of the PATH, in order, where `test` holds for the place in it. */
export function findPlaces(
  env: NodeJS.ProcessEnv,
  test: (place: Place) => boolean,
  platform: NodeJS.Platform = process.platform,
): Place[] {
  const { delimiter } = platform === 'win32' ? win32 : posix;
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return [...new Set(folders)].map((folder) => placeIn(folder, platform)).filter(test);
}

/** The place whose command a shell starts; undefined where there is no such command. */
export function findFirstPlace(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Place | undefined {
  return findPlaces(env, ({ command }) => existsSync(command), platform)[0];
}

/** Why nothing can be changed there; undefined where it can. */
export function whyLocked({ command }: Place): string | undefined {
  const folder = dirname(command);
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch {
    return `You may not write in ${folder}. Run this as its owner, for instance with sudo.`;
  }
}
