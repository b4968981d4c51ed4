import { parseArgs } from 'node:util';
import type { InstallScope } from '../../../contract/report/lists.ts';
import type { CommandLine } from '../command-line.ts';
import { type AgentId, agents } from './agents.ts';

/** The options of `install` and `uninstall`, as far as the front has to know them. */
export interface InstallLine {
  /** What goes to the engine: all but what is ours alone. */
  readonly args: readonly string[];
  /** `--target` as it was given. */
  readonly target: string | undefined;
  readonly location: string | undefined;
  /** Nobody is asked. */
  readonly isYes: boolean;
  /** The project is indexed afterwards. */
  readonly hasInit: boolean;
  readonly mayAllowTools: boolean;
  /** It only prints, rewrites what is there, or does nothing: no install. */
  readonly isAside: boolean;
  /** `--telemetry`: answers the toggle; ours. */
  readonly telemetry: string | undefined;
  /** Whether the engine's command is to go as well; undefined when that was not said. */
  readonly removesCommand: boolean | undefined;
}

const options = {
  target: { type: 'string', short: 't' },
  location: { type: 'string', short: 'l' },
  yes: { type: 'boolean', short: 'y' },
  init: { type: 'boolean', short: 'i' },
  'no-permissions': { type: 'boolean' },
  'print-config': { type: 'string' },
  refresh: { type: 'boolean' },
  'keep-cli': { type: 'boolean' },
  'remove-cli': { type: 'boolean' },
  telemetry: { type: 'string' },
} as const;

const ours: readonly string[] = ['telemetry', 'remove-cli'];

/** The engine's option that leaves its command on the machine. */
export const keepCommand = '--keep-cli';

/** Reads it as the engine will. What it cannot read is left to the engine's own errors. */
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
  const target = text(values.target);
  const kept = args.filter((_, index) => !taken.has(index));
  const [keeps, removes] = [values['keep-cli'] === true, values['remove-cli'] === true];
  // Without it the engine takes every command of that name off the machine.
  const mustKeep = command === 'uninstall' && !keeps && !removes;
  return {
    args: mustKeep ? withOptions(kept, [keepCommand]) : kept,
    target,
    location: text(values.location),
    isYes: values.yes === true,
    hasInit: values.init === true,
    mayAllowTools: values['no-permissions'] !== true,
    isAside: 'print-config' in values || values.refresh === true || target === 'none',
    telemetry: 'telemetry' in values ? (text(values.telemetry) ?? '') : undefined,
    removesCommand: keeps ? false : removes || undefined,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The agents that a `--target` means; undefined when the engine will refuse it. */
export function readTargets(target: string): readonly AgentId[] | undefined {
  const all = agents.map(({ id }) => id);
  if (target === 'all' || target === 'auto') return all;
  const words = target.split(',').map((word) => word.trim());
  const ids = all.filter((id) => words.includes(id));
  return words.every((word) => word === '' || ids.some((id) => id === word)) ? ids : undefined;
}

/** The scope that a `--location` means; undefined when the engine will refuse it. */
export function readScope(location: string): InstallScope | undefined {
  return location === 'global' || location === 'local' ? location : undefined;
}

/** The engine's line once everything is decided: it asks nothing more. */
export function decidedArgs(
  { args, target, location }: InstallLine,
  decided: { readonly target: string; readonly location: string },
): readonly string[] {
  return withOptions(args, [
    ...(target === undefined ? ['--target', decided.target] : []),
    ...(location === undefined ? ['--location', decided.location] : []),
    '--yes',
  ]);
}

/** Right behind the command's name: a `--` may follow. */
function withOptions(args: readonly string[], added: readonly string[]): readonly string[] {
  const behind = args.findIndex((arg) => !arg.startsWith('-')) + 1;
  return [...args.slice(0, behind), ...added, ...args.slice(behind)];
}
