/** The `codegraph` command: `telemetry` is ours, everything else is the engine's. */
import { readCommandLine } from './command-line.ts';

const line = readCommandLine(process.argv.slice(2), process.env);

if (line.word === 'telemetry') {
  const { runTelemetryCommand } = await import('./telemetry/program.ts');
  await runTelemetryCommand(line);
} else {
  const { passThrough } = await import('./pass-through.ts');
  await passThrough(line);
}
