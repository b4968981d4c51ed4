import { realpathSync } from 'node:fs';
import { frontVariable } from '../engine.ts';
import { findFirstPlace } from '../own/place.ts';

/**
 * What is wrong with the `codegraph` that agents start by its bare name; undefined when it is this
 * one.
 */
export function findPathProblem(
  env: NodeJS.ProcessEnv,
  self: string | undefined,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (self === undefined) return undefined;
  const found = findFirstPlace(env, platform)?.command;
  if (found === undefined) {
    return 'There is no codegraph on your PATH. Agents start it by that name.';
  }
  return [env[frontVariable], self].some((own) => isSame(found, own))
    ? undefined
    : `Agents will start ${found}, which is not this command: their use is not counted here.`;
}

function isSame(one: string, other: string | undefined): boolean {
  try {
    return other !== undefined && realpathSync(one) === realpathSync(other);
  } catch {
    // A broken link, or one of a circle.
    return false;
  }
}
