/** `codegraph-telemetry/command`: `telemetry …` for a host's own commander program. */
import type { Telemetry } from './telemetry.ts';

/** What is needed of commander's `Command`; any version from 7 on will do. */
export interface ProgramLike {
  command(name: string): ProgramLike;
  description(text: string): ProgramLike;
  helpOption(flags: false): ProgramLike;
  allowUnknownOption(allow?: boolean): ProgramLike;
  argument(name: string): ProgramLike;
  action(run: (words: string[]) => Promise<void>): ProgramLike;
}

/**
 * Adds `telemetry status`, `on`, `off`, `local`, `show` and `log` to the host's program, as the
 * `codegraph` command has them. They are about the files that `telemetry` has; nothing is loaded
 * before the command runs. Its answers go to stdout, errors to stderr with exit code 1.
 *
 * @example
 * addTelemetryCommand(program, openTelemetry({ version: '1.6.1' }));
 */
export function addTelemetryCommand(program: ProgramLike, telemetry: Telemetry): void {
  program
    .command('telemetry')
    .description('See and decide what is counted and sent')
    // Both are read by the command itself, so that its answers are the same in every host.
    .helpOption(false)
    .allowUnknownOption()
    .argument('[words...]')
    .action(async (words) => {
      const { runHostedCommand } = await import('./command/telemetry/hosted.ts');
      await runHostedCommand(words, telemetry);
    });
}
