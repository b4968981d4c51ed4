/**
 * The `codegraph` command: `telemetry` is ours, `install` and `uninstall` are ours around the
 * engine's, everything else is the engine's.
 */
import { isatty } from 'node:tty';
import { type CommandLine, readCommandLine } from './command-line.ts';
// In this file already: nearly every run is the engine's, and a file more would cost each 0.7 ms.
import { passThrough } from './pass-through.ts';

const line = readCommandLine(process.argv.slice(2), process.env);

if (line.word === 'telemetry' || (line.word === 'help' && line.operand === 'telemetry')) {
  const { runTelemetryCommand } = await import('./telemetry/program.ts');
  await runTelemetryCommand(line);
} else if (isInstaller(line)) {
  const { runInstallCommand } = await import('./install/command.ts');
  await runInstallCommand(line);
} else {
  await passThrough(line);
}

/** On a terminal, `codegraph` alone is the installer. */
function isInstaller({ word, args }: CommandLine): boolean {
  const isBare = args.length === 0 && isatty(0) && isatty(1);
  return isBare || word === 'install' || word === 'uninstall';
}
