import { Command } from 'commander';
import { describeStatus, formatStatus } from './status.ts';
import { choose } from './choose.ts';
import { readContext, type TelemetryContext } from './context.ts';
import type { CommandLine } from '../command-line.ts';

/** `codegraph telemetry …`. Works without the engine, and is not counted. */
export async function runTelemetryCommand(line: CommandLine): Promise<void> {
  const context = readContext(line.hasFlag);
  await buildProgram(context).parseAsync(line.args, { from: 'user' });
}

/** The program, for running it and for its help in the README. */
export function buildProgram(context: TelemetryContext): Command {
  const program = new Command('codegraph').helpCommand(false);
  const telemetry = program
    .command('telemetry')
    .description('See and decide what codegraph counts and sends.')
    .addHelpText('after', offSwitches);
  telemetry
    .command('status', { isDefault: true })
    .description('Whether it is on, what decided that, and what is stored.')
    .option('--json', 'print as JSON')
    .action(({ json }: JsonOption) => {
      const status = describeStatus(context);
      print(json ? JSON.stringify(status, undefined, 2) : formatStatus(status));
    });
  telemetry
    .command('on')
    .description('Count, and send totals of days that are over.')
    .option('--json', 'print as JSON')
    .action(({ json }: JsonOption) => {
      finish(choose(context, 'on'), json);
    });
  telemetry
    .command('off')
    .description('Count nothing, and delete all that was counted.')
    .option('--json', 'print as JSON')
    .action(({ json }: JsonOption) => {
      finish(choose(context, 'off'), json);
    });
  return program;
}

interface JsonOption {
  readonly json?: true;
}

function finish(result: ReturnType<typeof choose>, json: boolean | undefined): void {
  if (json) print(JSON.stringify(result, undefined, 2));
  else if (result.ok) print(result.message);
  else process.stderr.write(`error: ${result.message}\n`);
  if (!result.ok) process.exitCode = 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const offSwitches = `
Turn it off
  for one run                     codegraph --no-telemetry <command>, or CODEGRAPH_TELEMETRY=0
  for one MCP configuration       "args": ["serve", "--mcp", "--no-telemetry"]
  for you on this machine         codegraph telemetry off, or DO_NOT_TRACK=1 in your profile
  for a whole machine or fleet    a file /etc/codegraph/telemetry.json
                                  (%ProgramData%\\codegraph\\telemetry.json on Windows)

Example
  codegraph telemetry status --json`;
