import { parseArgs } from 'node:util';
import type { InstallScope } from '../../../contract/report/lists.ts';
import type { CommandLine } from '../command-line.ts';

/** The options of `install` and `uninstall` that the front has to know. */
export interface InstallLine {
  readonly command: 'install' | 'uninstall';
  /** What goes to the engine: everything except our own options. */
  readonly args: readonly string[];
  /** `--target` as given. */
  readonly target: string | undefined;
  /** What `--location` says, and else the engine takes with `--yes`. */
  readonly scope: InstallScope;
  readonly hasLocation: boolean;
  /** Nothing is asked. */
  readonly isYes: boolean;
  /** The project is indexed afterwards. */
  readonly hasInit: boolean;
  /** The engine only prints, refreshes, does nothing or fails: this is no install. */
  readonly isAside: boolean;
  /** The answer in `--telemetry`, our own option; empty where it has none. */
  readonly telemetry: string | undefined;
}

const options = {
  target: { type: 'string', short: 't' },
  location: { type: 'string', short: 'l' },
  yes: { type: 'boolean', short: 'y' },
  init: { type: 'boolean', short: 'i' },
  'print-config': { type: 'string' },
  refresh: { type: 'boolean' },
  'keep-cli': { type: 'boolean' },
  'remove-cli': { type: 'boolean' },
  telemetry: { type: 'string' },
} as const;

const ours: readonly string[] = ['telemetry', 'remove-cli'];

/** Reads the options as the engine does. What is wrong with them is left to the engine's errors. */
export function readInstallLine({
  args,
  command,
}: Pick<CommandLine, 'args' | 'command'>): InstallLine {
  const settings = { args: [...args], options, strict: false, allowPositionals: true } as const;
  const { values, tokens } = parseArgs({ ...settings, tokens: true });
  const taken = new Set(
    tokens.flatMap((token) => {
      if (token.kind !== 'option' || !ours.includes(token.name)) return [];
      const hasValueBehind = token.value !== undefined && !token.inlineValue;
      return hasValueBehind ? [token.index, token.index + 1] : [token.index];
    }),
  );
  const kept = args.filter((_, index) => !taken.has(index));
  const target = text(values.target);
  const location = text(values.location);
  const isRejected = location !== undefined && location !== 'global' && location !== 'local';
  const isForAnother = 'print-config' in values || values.refresh === true || target === 'none';
  const saysCommand = values['keep-cli'] === true || values['remove-cli'] === true;
  return {
    command: command === 'uninstall' ? command : 'install',
    args: command === 'uninstall' && !saysCommand ? keepingCommand(kept) : kept,
    target,
    scope: location === 'local' ? location : 'global',
    hasLocation: location !== undefined,
    isYes: values.yes === true,
    hasInit: values.init === true,
    isAside: isForAnother || isRejected,
    telemetry: 'telemetry' in values ? (text(values.telemetry) ?? '') : undefined,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Without this option, the engine removes every `codegraph` command from the machine. */
function keepingCommand(args: readonly string[]): readonly string[] {
  // Right behind the command's name: a `--` may follow.
  const behind = args.findIndex((arg) => !arg.startsWith('-')) + 1;
  return [...args.slice(0, behind), '--keep-cli', ...args.slice(behind)];
}
