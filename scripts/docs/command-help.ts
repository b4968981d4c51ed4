import type { Command } from 'commander';
import { buildProgram } from '../../src/command/telemetry/program.ts';
import { fence } from './markdown.ts';

/** The help of `codegraph telemetry` and of each of its commands, as a terminal of 80 shows it. */
export function describeCommands(): string {
  return listCommands()
    .map((command) => fence('text', `$ ${nameOf(command)} --help\n${helpOf(command)}`))
    .join('\n\n');
}

/** `codegraph telemetry` and each of its commands, by the words that run it. */
export function commandNames(): readonly string[] {
  return listCommands().map(nameOf);
}

function listCommands(): readonly Command[] {
  return buildProgram(neverOpened).commands.flatMap((command) => [command, ...command.commands]);
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

function neverOpened(): never {
  throw new Error('Help needs no context');
}
