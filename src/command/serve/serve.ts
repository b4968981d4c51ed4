import files from 'node:fs';
import { decideConsent } from '../../../contract/consent.ts';
import { readOverrides } from '../../environment.ts';
import { findPaths } from '../../environment.ts';
import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';
import { type Ending, startPipedServer, startServer } from '../run-engine.ts';
import { relay } from './relay.ts';
import type { Session } from './session.ts';

/**
 * `codegraph serve --mcp`: the engine's own server with a tap in front, or without one where
 * telemetry is off. The engine is started first; what counts its tool calls is loaded while it
 * starts, so that the first reply does not wait for it.
 */
export async function serve(engine: Engine, line: CommandLine): Promise<Ending> {
  // Off is off: then nothing of ours stands between the client and the server.
  if (isOff(line)) return await startServer(engine, line.args).ended;
  const { child, ended } = startPipedServer(engine, line.args);
  const session = await tryOpenSession(engine, line);
  const ending = await relay(child, ended, session?.tap);
  session?.persist();
  return ending;
}

function isOff({ hasFlag }: CommandLine): boolean {
  const paths = findPaths(process.env);
  if (paths === undefined) return true;
  return decideConsent(readOverrides(process.env, hasFlag), paths, files).mode === 'off';
}

async function tryOpenSession(engine: Engine, line: CommandLine): Promise<Session | undefined> {
  try {
    const { openSession } = await import('./session.ts');
    return openSession(engine, line);
  } catch {
    // Whatever failed in counting, such as files that an update has just replaced: the client
    // asked for the server, and gets it.
    return undefined;
  }
}
