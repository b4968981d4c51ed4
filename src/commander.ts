import { findCommand } from '../contract/fold.ts';
import type { Telemetry } from './telemetry.ts';
import { hookExit } from './counting/exit-hooks.ts';

/** What is needed of commander's `Command`; any version that has hooks will do. */
export interface CommandLike {
  name(): string;
  readonly parent: CommandLike | null;
  hook(
    event: 'preAction',
    listener: (thisCommand: unknown, actionCommand: CommandLike) => void,
  ): unknown;
}

/**
 * Counts each command that `program` runs, under its own name, never its arguments. The outcome is
 * known when the process ends: an exit code other than 0, an exception or a signal is an error.
 * Parse errors, help and version run no action and count nothing.
 *
 * @example
 * const telemetry = openTelemetry({ version: '1.6.1' });
 * countCommands(program, telemetry);
 * await program.parseAsync();
 */
export function countCommands(
  program: CommandLike,
  telemetry: Pick<Telemetry, 'count' | 'persist'>,
): void {
  program.hook('preAction', (_program, command) => {
    const name = nameOf(command);
    hookExit((exitCode) => {
      telemetry.count('cli_command', name, { ok: exitCode === 0 });
      telemetry.persist();
    });
  });
}

/** The top-level command: `telemetry` for `codegraph telemetry status`. */
function nameOf(command: CommandLike): string {
  let top = command;
  while (top.parent?.parent) top = top.parent;
  return findCommand(top.name()) ?? 'other';
}
