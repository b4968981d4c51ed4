import { findPaths } from '../../environment.ts';
import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';
import { passThrough, run } from '../pass-through.ts';
import type { Ending } from '../run-engine.ts';
import { readInstallLine } from './install-line.ts';
import { install } from './install.ts';
import { refuse } from './prompt.ts';
import { uninstall } from './uninstall.ts';

/**
 * `codegraph install` and `uninstall`: the engine's own, with a question about telemetry before the
 * one and after the other. What the engine only prints or rejects goes to it unchanged.
 */
export async function runInstallCommand(line: CommandLine): Promise<void> {
  // Alone, `codegraph` is `codegraph install`.
  const named: CommandLine =
    line.word === undefined
      ? { ...line, args: ['install'], word: 'install', command: 'install' }
      : line;
  await passThrough(named, act);
}

async function act(engine: Engine, line: CommandLine): Promise<Ending> {
  if (line.command === undefined) return await explain(engine, line);
  const request = readInstallLine(line);
  if (request.isAside || findPaths(process.env) === undefined) {
    if (request.telemetry !== undefined && request.isAside) return refuse(noQuestion);
    return await run(engine, { ...line, args: request.args });
  }
  return line.command === 'install'
    ? await install(engine, line, request)
    : await uninstall(engine, line, request);
}

const noQuestion = 'These options ask no question about telemetry. Leave out --telemetry.';

/** The engine's help, then what this command adds to it. */
async function explain(engine: Engine, line: CommandLine): Promise<Ending> {
  const ending = await run(engine, line);
  const added = line.word === 'install' || line.word === 'uninstall' ? addedHelp[line.word] : '';
  if (ending.code === 0) process.stdout.write(added);
  return ending;
}

const addedHelp = {
  install: `
With codegraph-telemetry:
  --telemetry <on|off|local>  answer the question about telemetry: share, count nothing,
                              or count for yourself. It never loosens a stored choice.
                              --yes alone answers nothing.

In a terminal, one question about telemetry comes first, unless it is already decided.
The engine's own questions follow. Ctrl-C at the first question means no telemetry:
nothing is installed, and the exit code is 130.
`,
  uninstall: `
With codegraph-telemetry:
  --remove-cli                remove the engine's command too. Without this option the
                              command stays.

In a terminal, an offer to delete what telemetry has stored follows.
`,
};
