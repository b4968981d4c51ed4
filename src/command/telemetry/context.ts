import { ConsentWatch } from '../../consent/watch.ts';
import { findEndpoint, findPaths, readOverrides } from '../../environment.ts';

/** Whose telemetry the command speaks of. */
export interface TelemetryContext {
  readonly watch: ConsentWatch;
  readonly endpoint: string;
}

/**
 * From this process's environment. Touches only the choice and the policy file.
 *
 * @throws Error for a user without a home.
 */
export function readContext(
  hasFlag: boolean,
  env: NodeJS.ProcessEnv = process.env,
): TelemetryContext {
  const paths = findPaths(env);
  if (paths === undefined)
    throw new Error('this user has no home directory of their own, so nothing is counted');
  return {
    watch: new ConsentWatch(readOverrides(env, hasFlag), paths),
    endpoint: findEndpoint(env),
  };
}
