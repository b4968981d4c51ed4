import { isSet } from '../../contract/consent.ts';
import type { Command } from '../../contract/report/lists.ts';
import { findCommand } from '../../contract/fold.ts';

const flag = '--no-telemetry';

// Treat misspellings as the flag. The engine still gets the word, and rejects it.
const nearlyFlag = /^--?no-?telem/i;

/** The user's command line, as far as the front has to know it. */
export interface CommandLine {
  /** What goes to the engine: everything except `--no-telemetry`. */
  readonly args: readonly string[];
  /** `--no-telemetry` was on it, or something like it. */
  readonly hasFlag: boolean;
  /** The engine was asked to say nothing. */
  readonly isQuiet: boolean;
  /** The first word that is no option. */
  readonly word: string | undefined;
  /** The command that will be counted; undefined for help, version and unknown words. */
  readonly command: Command | undefined;
  /** The first word behind the command that is no option: its path, for `init` and `index`. */
  readonly operand: string | undefined;
}

/** Reads a command line. `--no-telemetry` may stand anywhere before a `--`. */
export function readCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const options = argv.slice(0, end);
  const args = [...options.filter((arg) => arg !== flag), ...argv.slice(end)];
  const [word, operand] = args.filter((arg) => !arg.startsWith('-'));
  const isQuestion = options.some((arg) => ['-h', '--help', '-V', '--version'].includes(arg));
  const command = word === undefined || isQuestion ? undefined : findCommand(word);
  return {
    args,
    hasFlag: options.some((arg) => nearlyFlag.test(arg)),
    isQuiet: options.includes('-q') || options.includes('--quiet'),
    word,
    command: command === 'prompt-hook' && isHookOff(env) ? undefined : command,
    operand,
  };
}

/** The engine's own switch: a hook that did nothing was not used. */
function isHookOff(env: NodeJS.ProcessEnv): boolean {
  return isSet(env['CODEGRAPH_NO_PROMPT_HOOK']);
}
