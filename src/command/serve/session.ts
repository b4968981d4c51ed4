import { type McpTap, tapMcp } from '../../mcp/tap.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';
import { openOwnTelemetry } from '../own-telemetry.ts';
import { watchForDaemon } from './engine-daemon.ts';

/** What is counted of one session of the server. */
export interface Session {
  readonly tap: McpTap;
  /** Appends what was counted: a death by some signals leaves no time for it later. */
  persist(): void;
}

/** Counts every tool call of this session, after its reply is on the wire. */
export function openSession(engine: Engine, line: CommandLine): Session {
  const telemetry = openOwnTelemetry(engine, line);
  const { paths } = telemetry.status();
  const isCountedElsewhere =
    paths === undefined
      ? () => false
      : watchForDaemon(projectOf(line), paths.dataDir, engine.version);
  return {
    tap: tapMcp(countUses(telemetry, isCountedElsewhere)),
    persist: () => {
      telemetry.persist();
    },
  };
}

function projectOf({ args }: CommandLine): string {
  const at = args.findIndex((arg) => arg === '-p' || arg === '--path');
  return (at === -1 ? undefined : args[at + 1]) ?? process.cwd();
}

/**
 * Counts the session as one `serve`, and sends what earlier days have left, both from its first
 * tool call on: a client may start a server only to see whether it is there, and such a process
 * leaves nothing.
 */
function countUses(
  telemetry: Telemetry,
  isCountedElsewhere: () => boolean,
): Pick<Telemetry, 'count' | 'drop'> {
  let isUsed = false;
  return {
    drop: () => {
      if (!isCountedElsewhere()) telemetry.drop();
    },
    count: (kind, name, options) => {
      if (!isCountedElsewhere()) telemetry.count(kind, name, options);
      if (isUsed) return;
      isUsed = true;
      telemetry.count('cli_command', 'serve');
      telemetry.flushEvery();
    },
  };
}
