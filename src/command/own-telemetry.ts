import { openTelemetry, type Telemetry } from '../telemetry.ts';
import type { CommandLine } from './command-line.ts';
import type { Engine } from './engine.ts';

/** Telemetry of the front's own process, which runs no WebAssembly but the sandbox. */
export function openOwnTelemetry(engine: Engine, { hasFlag }: CommandLine): Telemetry {
  return openTelemetry({ version: engine.version, isDisabled: hasFlag });
}
