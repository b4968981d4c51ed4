import { findPaths } from '../../environment.ts';
import type { CommandLine } from '../command-line.ts';
import type { Engine } from '../engine.ts';
import { passThrough, run } from '../pass-through.ts';
import type { Ending } from '../run-engine.ts';
import { refuse } from './endings.ts';
import { addedHelp } from './help.ts';
import { type InstallLine, readInstallLine, readScope, readTargets } from './install-line.ts';
import { install } from './install.ts';
import { uninstall } from './uninstall.ts';

/**
 * `codegraph install` and `uninstall`, around the engine's own. What the engine only prints, or
 * will refuse, goes to it as it is.
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
  if (request.isAside || isRefused(request) || findPaths(process.env) === undefined) {
    if (request.telemetry !== undefined && request.isAside) return refuse(noToggle);
    return await run(engine, { ...line, args: request.args });
  }
  return line.command === 'install'
    ? await install(engine, line, request)
    : await uninstall(engine, line, request);
}

const noToggle = '--telemetry answers a question that this line does not ask';

function isRefused({ target, location }: InstallLine): boolean {
  const isBadTarget = target !== undefined && readTargets(target) === undefined;
  return isBadTarget || (location !== undefined && readScope(location) === undefined);
}

/** The engine's help, and what this command adds to it. */
async function explain(engine: Engine, line: CommandLine): Promise<Ending> {
  const ending = await run(engine, line);
  const added = line.word === 'install' || line.word === 'uninstall' ? addedHelp[line.word] : '';
  if (ending.code === 0) process.stdout.write(added);
  return ending;
}
