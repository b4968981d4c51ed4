import { accessSync, constants, existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { keptName } from '../engine.ts';

/**
 * The place of `codegraph` in a directory of the PATH. An attached front is three files there: the
 * link `codegraph`, the launcher that it names, and the engine's command under another name.
 */
export interface Place {
  readonly command: string;
  readonly launcher: string;
  readonly kept: string;
}

/** The name of the launcher. The link to it tells a front from everything else. */
export const launcherName = '.codegraph-telemetry';

/** The place in one directory. */
export function placeIn(folder: string): Place {
  return {
    command: join(folder, 'codegraph'),
    launcher: join(folder, launcherName),
    kept: join(folder, keptName),
  };
}

/** Whether the command there is the front that `attach` put there. */
export function isAttached({ command }: Pick<Place, 'command'>): boolean {
  try {
    return lstatSync(command).isSymbolicLink() && basename(realpathSync(command)) === launcherName;
  } catch {
    return false;
  }
}

/** Each directory of the PATH, in order, where `test` holds for the place in it. */
export function findPlaces(env: NodeJS.ProcessEnv, test: (place: Place) => boolean): Place[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return [...new Set(folders)].map(placeIn).filter(test);
}

/** The place whose command a shell starts; undefined where there is no such command. */
export function findFirstPlace(env: NodeJS.ProcessEnv): Place | undefined {
  return findPlaces(env, ({ command }) => existsSync(command))[0];
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
