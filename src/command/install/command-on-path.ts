import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { frontVariable } from '../engine.ts';

/**
 * What is wrong with the `codegraph` that agents start by its bare name; undefined when it is this
 * one. Windows finds commands by other rules: there it counts as this one.
 */
export function findPathProblem(
  env: NodeJS.ProcessEnv,
  self: string | undefined,
): string | undefined {
  if (process.platform === 'win32' || self === undefined) return undefined;
  const found = (env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, 'codegraph'))
    .find((path) => existsSync(path));
  if (found === undefined) {
    return 'There is no codegraph on your PATH. Agents start it by that name.';
  }
  return found === env[frontVariable] || isSame(found, self)
    ? undefined
    : `Agents will start ${found}, which is not this command: their use is not counted here.`;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // A broken link, or one of a circle.
    return false;
  }
}
