import { tapMcp } from '../../counting/mcp-tap.ts';
import { openTelemetry, type Telemetry } from '../../telemetry.ts';
import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';
import { type Ending, startEngine, startServer } from '../run-engine.ts';
import { relay } from './relay.ts';

// A server runs for days, and every flush sends what a day has left: four a day are plenty.
const flushIntervalMs = 6 * 60 * 60 * 1_000;

// The first flush keeps out of the way of a session's first, impatient seconds.
const firstFlushMs = 5_000;

/**
 * `codegraph serve --mcp`: the engine's own server with a tap in front, or without one where
 * telemetry is off. Counts every tool call after its reply is on the wire.
 */
export async function serve(engine: Engine, line: CommandLine): Promise<Ending> {
  const telemetry = openTelemetry({ version: engine.version, isDisabled: line.hasFlag });
  // Off is off: then nothing of ours stands between the client and the server.
  if (telemetry.status().consent.mode === 'off') {
    return await startEngine(engine, line.args).ended;
  }
  const { child: server, ended } = startServer(engine, line.args);
  await relay(server, ended, tapMcp(countingServe(telemetry)));
  telemetry.persist();
  return await ended;
}

/**
 * Counts the session as one `serve`, and sends what earlier days have left, both from its first
 * tool call on: a client may start a server only to see whether it is there, and such a process
 * leaves nothing.
 */
function countingServe(telemetry: Telemetry): Pick<Telemetry, 'count'> {
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
