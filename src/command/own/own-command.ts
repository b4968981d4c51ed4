import { readCommandLine } from '../command-line.ts';
import { fit } from '../../screen.ts';
import type { Change } from './attach.ts';

/** `codegraph-telemetry …`: what `codegraph telemetry …` does, and who stands in which place. */
export async function runOwnCommand(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const [word] = argv;
  if (word === 'front') {
    // What follows is a command line of `codegraph`.
    process.argv.splice(2, 1);
    await import('../codegraph.ts');
  } else if (argv.length === 0 || (argv.length === 1 && isHelp(word))) {
    if (word !== undefined) process.stdout.write(help);
    else await runTelemetry(['status'], env);
  } else if (word === 'attach' || word === 'detach') {
    const { attach, detach } = await import('./attach.ts');
    if (argv.some(isHelp)) process.stdout.write(help);
    else if (argv.length > 1) tell({ ok: false, message: `${word} takes no arguments` });
    else tell(word === 'attach' ? attach(env) : detach(env));
  } else if (word === 'doctor') {
    const { diagnose } = await import('./doctor.ts');
    tell(diagnose(env));
  } else if (word === 'verify') {
    const { verify } = await import('./verify.ts');
    tell(verify());
  } else {
    await runTelemetry(argv, env);
  }
}

async function runTelemetry(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { runTelemetryCommand } = await import('../telemetry/program.ts');
  await runTelemetryCommand(readCommandLine(['telemetry', ...argv], env));
}

function isHelp(word: string | undefined): boolean {
  return word === 'help' || word === '--help' || word === '-h';
}

function tell({ ok, message }: Change): void {
  if (ok) process.stdout.write(`${fit(message, process.stdout)}\n`);
  else process.stderr.write(`${fit(`error: ${message}`, process.stderr)}\n`);
  if (!ok) process.exitCode = 1;
}

const help = `Usage: codegraph-telemetry <command>

  status, show, log, usage  see what is counted and sent (also: codegraph telemetry …)
  on, local, off            decide
  attach                    let codegraph on your PATH run through this package
  detach                    bring the engine's own command back
  doctor                    find out which program counts, and how to fix problems
  verify                    compare the installed files with the published hashes
  front <command>           run codegraph through this package once, attached or not

More: codegraph-telemetry <command> --help
`;
