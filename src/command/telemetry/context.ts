import type { ConsentPaths } from '../../../spec/contract/consent.ts';
import { ConsentWatch } from '../../consent/consent-watch.ts';
import { defaultEndpoint, findPaths } from '../../places.ts';

/** Whose telemetry the command speaks of. */
export interface TelemetryContext {
  readonly watch: ConsentWatch;
  readonly endpoint: string;
}

/** From this process's environment. Touches nothing but the choice and the policy file. */
export function readContext(
  hasFlag: boolean,
  env: NodeJS.ProcessEnv = process.env,
): TelemetryContext {
  const wishes = {
    doNotTrack: env['DO_NOT_TRACK'],
    codegraphTelemetry: env['CODEGRAPH_TELEMETRY'],
    hasFlag,
  };
  return {
    watch: new ConsentWatch(wishes, findPaths(env) ?? noPaths),
    endpoint: env['CODEGRAPH_TELEMETRY_ENDPOINT'] ?? defaultEndpoint,
  };
}

// A user without a home: nothing can be read there, and nothing stored.
const noPaths: ConsentPaths = { home: '/nonexistent/.codegraph', policyFile: '/' };
