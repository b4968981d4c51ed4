import { findCommand } from '../contract/fold.ts';
import { maxOpenCommands } from '../contract/limits.ts';
import type { Telemetry } from './telemetry.ts';
import { hookExit } from './counting/exit-hooks.ts';

/** What is needed of commander's `Command`; any version that has hooks will do. */
export interface CommandLike {
  name(): string;
  readonly parent: CommandLike | null;
  hook(
    event: 'preAction' | 'postAction',
    listener: (thisCommand: unknown, actionCommand: CommandLike) => void,
  ): unknown;
}

/** An action that has begun and has not come to its end. */
interface OpenAction {
  readonly command: CommandLike;
  /** The exit code that was set before it began. */
  readonly exitCode: typeof process.exitCode;
}

/**
 * Counts each command that `program` runs, by its own name, never its arguments. A completed action
 * is a success, unless it has set an exit code. If the process ends first, an exit code other than 0, an
 * exception or a signal is an error. An action that throws is an error too, also if the host continues.
 * Parse errors, help and version run no action and count nothing. While telemetry is off, nothing is
 * hooked.
 *
 * @example
 * const telemetry = openTelemetry({ version: '1.6.1' });
 * countCommands(program, telemetry);
 * await program.parseAsync();
 */
export function countCommands(
  program: CommandLike,
  telemetry: Pick<Telemetry, 'count' | 'persist' | 'status'>,
): void {
  const open: OpenAction[] = [];
  /** The latest action. An earlier one that is still open has thrown. */
  let youngest: OpenAction | undefined;
  let unhook: (() => void) | undefined;

  function count(action: OpenAction, ok: boolean): void {
    telemetry.count('cli_command', nameOf(action.command), { ok });
  }

  function countOpen(exitCode: number | undefined): void {
    unhook = undefined;
    for (const action of open.splice(0)) count(action, action === youngest && exitCode === 0);
    telemetry.persist();
  }

  program.hook('preAction', (_program, command) => {
    if (telemetry.status().consent.mode === 'off') return;
    unhook ??= hookExit({ onEnd: countOpen });
    youngest = { command, exitCode: process.exitCode };
    open.push(youngest);
    const oldest = open.length > maxOpenCommands ? open.shift() : undefined;
    if (oldest !== undefined) count(oldest, false);
  });

  program.hook('postAction', (_program, command) => {
    // An action that threw before stays open, under the same command: the last one is meant.
    const at = open.findLastIndex((action) => action.command === command);
    const [action] = at === -1 ? [] : open.splice(at, 1);
    if (action === undefined) return;
    count(action, !process.exitCode || process.exitCode === action.exitCode);
    if (open.length > 0) return;
    unhook?.();
    unhook = undefined;
  });
}

/** The top-level command: `telemetry` for `codegraph telemetry status`. */
function nameOf(command: CommandLike): string {
  let top = command;
  while (top.parent?.parent) top = top.parent;
  return findCommand(top.name()) ?? 'other';
}
