import { Command } from 'commander';
import { openTelemetry } from 'codegraph-telemetry';
import { countCommands } from 'codegraph-telemetry/commander';

const telemetry = openTelemetry({ version: '1.6.1' });
const program = new Command('codegraph').version('1.6.1');
program.command('query <words>').action((words: string) => console.log(`looking for ${words}`));
program.command('sync').action(async () => {
  // Sends the totals of earlier days, beside the work of a command that takes longer anyway.
  const flushed = telemetry.flush({ timeoutMs: 1_000 });
  console.log('in sync');
  await flushed;
});

countCommands(program, telemetry);
await program.parseAsync();
