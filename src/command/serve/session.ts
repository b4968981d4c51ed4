import { type McpTap, tapMcp } from '../../counting/mcp-tap.ts';
import { openTelemetry, type Telemetry } from '../../telemetry.ts';
import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';

// A server runs for days, and every flush sends what a day has left: four a day are plenty.
const flushIntervalMs = 6 * 60 * 60 * 1_000;

// The first flush keeps out of the way of a session's first, impatient seconds.
const firstFlushMs = 5_000;

/** One session of the server, as far as it is counted. */
export interface Session {
  readonly tap: McpTap;
  /** Appends what was counted: a death by some signals leaves no time for it later. */
  persist(): void;
}

/** Counts every tool call of this session, after its reply is on the wire. */
export function openSession(engine: Engine, line: CommandLine): Session {
  const telemetry = openTelemetry({ version: engine.version, isDisabled: line.hasFlag });
  return {
    tap: tapMcp(countUses(telemetry)),
    persist: () => {
      telemetry.persist();
    },
  };
}

/**
 * Counts the session as one `serve`, and sends what earlier days have left, both from its first
 * tool call on: a client may start a server only to see whether it is there, and such a process
 * leaves nothing.
 */
function countUses(telemetry: Telemetry): Pick<Telemetry, 'count'> {
  let isUsed = false;
  return {
    count: (kind, name, options) => {
      telemetry.count(kind, name, options);
      if (isUsed) return;
      isUsed = true;
      telemetry.count('cli_command', 'serve');
      setTimeout(() => void telemetry.flush(), firstFlushMs).unref();
      telemetry.flushEvery(flushIntervalMs);
    },
  };
}
