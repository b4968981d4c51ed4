import type { ConsentOverrides } from '../../contract/consent.ts';

/** What a process was told of telemetry: by its environment, and by `--no-telemetry`. */
export function readOverrides(env: NodeJS.ProcessEnv, hasFlag: boolean): ConsentOverrides {
  return {
    doNotTrack: env['DO_NOT_TRACK'],
    codegraphTelemetry: env['CODEGRAPH_TELEMETRY'],
    hasFlag,
  };
}
