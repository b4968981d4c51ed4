import { ConsentWatch } from '../../consent/watch.ts';
import type { Telemetry } from '../../telemetry.ts';
import { readOverrides } from '../../environment.ts';
import { readCommandLine } from '../command-line.ts';
import { runTelemetryCommand } from './program.ts';

/** `telemetry …` in a host's own program, about the files that `telemetry` has. */
export async function runHostedCommand(
  words: readonly string[],
  telemetry: Telemetry,
): Promise<void> {
  const line = readCommandLine(['telemetry', ...words], process.env);
  const { paths, endpoint, overrides } = telemetry.status();
  await runTelemetryCommand(line, () => {
    if (paths === undefined)
      throw new Error('this user has no home directory of their own, so nothing is counted');
    const told = overrides ?? readOverrides(process.env, false);
    return { watch: new ConsentWatch(told, paths), endpoint };
  });
}
