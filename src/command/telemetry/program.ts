import { Command, CommanderError, Option } from 'commander';
import type { CommandLine } from '../command-line.ts';
import { printableLines } from '../../../contract/printable.ts';
import { choose } from '../../consent/choose.ts';
import { readContext, type TelemetryContext } from './context.ts';
import { describeLog, formatLog } from './log.ts';
import {
  deleteStoredReceipts,
  describeRemains,
  formatRemains,
  readReceipts,
  storeReceipts,
} from './remains.ts';
import { formatShow, prepareShow } from './show.ts';
import { describeStatus, formatStatus } from './status.ts';
import { formatCsv, formatUsage } from './format-usage.ts';
import { fit, formatRows, readScreen, wrap } from '../../screen.ts';
import { describeUsage, type Grouping, groupings } from './usage.ts';

/** What a subcommand has to say, for people and for scripts. */
interface Answer {
  readonly ok: boolean;
  readonly text: string;
  /** The text has colors of ours, and nothing that came from a file but words of the lists. */
  readonly isColored?: boolean;
  readonly json: unknown;
}

/** What the user added to a subcommand. */
interface Options {
  readonly json?: true;
  readonly csv?: true;
  readonly days?: string;
  readonly by?: Grouping;
  readonly keepReceipts?: true;
}

interface Subcommand {
  readonly name: string;
  readonly summary: string;
  readonly details: string;
  /** Beside `--json`. */
  readonly options?: readonly Option[];
  readonly answer: (context: TelemetryContext, options: Options) => Answer | Promise<Answer>;
}

const subcommands: readonly Subcommand[] = [
  {
    name: 'status',
    summary: 'is it on, and why; what is stored and sent',
    details: 'Changes nothing.',
    answer: (context) => {
      const status = describeStatus(context);
      return { ok: true, text: formatStatus(status, readScreen()), json: status };
    },
  },
  {
    name: 'show',
    summary: 'what is recorded, and the reports that would be sent next',
    details: 'The same sandboxed code creates them. Opens no socket, changes no file.',
    answer: async (context) => {
      const show = await prepareShow(context);
      return { ok: true, text: formatShow(show, readScreen()), json: show };
    },
  },
  {
    name: 'log',
    summary: 'what was sent: when, how much, and which endpoint accepted it',
    details:
      'At least a month of ordinary use, newest first. With --json exactly as sent. ' +
      'The log is on this machine only, and `off` deletes it.',
    answer: (context) => {
      const log = describeLog(context);
      return { ok: true, text: formatLog(log, readScreen()), json: log };
    },
  },
  {
    name: 'usage',
    summary: 'your own use, by day, command, tool or agent',
    details: 'Counts sent and unsent use from the files of this machine. Changes no file.',
    options: [
      new Option('--days <days>', 'how far to look back').choices(['7', '30']).default('7'),
      new Option('--by <what>', 'what to add up').choices(groupings).default('day'),
      new Option('--csv', 'print every row as CSV').conflicts('json'),
    ],
    answer: async (context, { days = '7', by = 'day', csv }) => {
      const usage = await describeUsage(context, { days: Number(days), by });
      const screen = readScreen();
      const text = csv === true ? formatCsv(usage.rows) : formatUsage(usage, screen);
      return { ok: true, text: text.trimEnd(), isColored: screen.hasColor, json: usage };
    },
  },
  {
    name: 'on',
    summary: 'count, and send totals of past days',
    details: "Stores the choice for you on this machine. The engine's own telemetry stays off.",
    answer: (context) => answerChoice(context, 'on'),
  },
  {
    name: 'local',
    summary: 'count for yourself, send nothing',
    details: 'Earlier counts stay. To see them: codegraph telemetry usage',
    answer: (context) => answerChoice(context, 'local'),
  },
  {
    name: 'off',
    summary: 'count nothing, and delete everything that was counted',
    details:
      'Deletes the ID, all counts and all receipts. Running processes stop within a second. Names the ' +
      'IDs of reports that remain at the receiver. Exit code 1: it could not be stored or deleted.',
    options: [new Option('--keep-receipts', 'keep a copy of the log in a file of its own')],
    answer: (context, { keepReceipts }) => answerOff(context, keepReceipts === true),
  },
];

/** `codegraph telemetry …`. Works without the engine, and is not counted. */
export async function runTelemetryCommand(
  line: CommandLine,
  openContext = () => readContext(line.hasFlag),
): Promise<void> {
  process.stdout.on('error', tellBrokenOutput);
  const isJson = line.args.includes('--json');
  const program = buildProgram(openContext);
  try {
    await program.parseAsync(withSubcommand(line), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const message = describeError(error);
    if (isJson) print(JSON.stringify({ ok: false, error: message }));
    else say(`error: ${message}`, process.stderr);
    process.exitCode = 1;
  }
}

/** A pipe that is closed early is no error; a full disk is one line. */
function tellBrokenOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`error: the output could not be written: ${error.message}\n`);
  process.exitCode = 1;
}

function describeError(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
  const isUnknownOption =
    error instanceof CommanderError && error.code === 'commander.unknownOption';
  return isUnknownOption ? `${message}; expected --json or --help` : message;
}

/** The program, for running it and for its help in docs/commands.md. */
export function buildProgram(openContext: () => TelemetryContext): Command {
  const program = new Command('codegraph').helpCommand(false);
  const telemetry = program
    .command('telemetry')
    .description('See and decide what codegraph counts and sends. Without a command: status.')
    .usage('[command] [--json]')
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name(), visibleOptions: () => [] })
    .addHelpText('after', describeOffSwitches);
  for (const { name, summary, details, options = [], answer } of subcommands) {
    const command = telemetry
      .command(name)
      .summary(summary)
      .description(`${capitalize(summary)}.\n${details}`)
      .option('--json', 'print as JSON')
      .allowExcessArguments(false)
      .action(async (given: Options) => {
        give(await answer(openContext(), given), given.json === true);
      });
    for (const option of options) command.addOption(option);
  }
  for (const command of [program, telemetry, ...telemetry.commands]) {
    // Errors are thrown, so that `--json` can put them into JSON.
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  return program;
}

/**
 * The line with its words in front. `codegraph telemetry` is `codegraph telemetry status`; an unknown
 * word is told the known ones.
 */
function withSubcommand({ args, word, operand }: CommandLine): readonly string[] {
  if (word === 'help' || operand === 'help') return ['telemetry', '--help'];
  const names = subcommands.map(({ name }) => name);
  const meant = elsewhere[operand ?? ''];
  if (meant !== undefined) {
    throw new Error(`unknown command '${operand}'; use: codegraph telemetry ${meant}`);
  }
  if (operand !== undefined && !names.includes(operand)) {
    throw new Error(`unknown command '${operand}'; expected one of ${names.join(', ')}`);
  }
  const isQuestion = args.some((arg) => arg === '-h' || arg === '--help');
  const words = [
    'telemetry',
    ...(operand === undefined && isQuestion ? [] : [operand ?? 'status']),
  ];
  return [...words, ...args.filter((arg) => !words.includes(arg))];
}

/** Without the IDs no operator can find the reports, so they are read before they are deleted. */
function answerOff(context: TelemetryContext, isKept: boolean): Answer {
  const remains = describeRemains(context);
  const receipts = isKept ? readReceipts(context) : '';
  const result = choose(context.watch, 'off');
  // Also where not all could be deleted: the receipts may be gone by then.
  const text = remains ? `${result.message}\n\n${formatRemains(remains)}` : result.message;
  const json = { ...result, remains };
  if (!result.ok) return { ok: false, text, json };
  try {
    if (receipts === '') {
      deleteStoredReceipts(context);
      return { ok: true, text, json };
    }
    const path = storeReceipts(context, receipts);
    return {
      ok: true,
      text: `${text}\nCopy of the log: ${path}`,
      json: { ...json, receipts: path },
    };
  } catch (error) {
    const message = `${text}\nBut: ${describeError(error)}`;
    return { ok: false, text: message, json: { ...json, ok: false, message } };
  }
}

// What other tools call it.
const elsewhere: { readonly [Word in string]?: string } = {
  enable: 'on',
  disable: 'off',
  view: 'show',
};

function answerChoice(context: TelemetryContext, wish: 'on' | 'off' | 'local'): Answer {
  const result = choose(context.watch, wish);
  return { ok: result.ok, text: result.message, json: result };
}

function give({ ok, text, isColored, json }: Answer, isJson: boolean): void {
  if (isJson) print(JSON.stringify(json, undefined, 2));
  else if (ok && isColored === true) process.stdout.write(`${fit(text, process.stdout)}\n`);
  else if (ok) say(text, process.stdout);
  else say(`error: ${text}`, process.stderr);
  if (!ok) process.exitCode = 1;
}

// Receipts, a ledger and a daemon's record are files that others may have written.

function print(text: string): void {
  process.stdout.write(`${printableLines(text)}\n`);
}

function say(text: string, stream: NodeJS.WriteStream): void {
  stream.write(`${fit(printableLines(text), stream)}\n`);
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const offSwitches: readonly (readonly [scope: string, how: string])[] = [
  ['for one run', 'codegraph --no-telemetry <command>, or CODEGRAPH_TELEMETRY=0'],
  ['for one MCP server', '"env": { "CODEGRAPH_TELEMETRY": "0" } in its configuration'],
  ['for you', 'codegraph telemetry off'],
  ['for all tools', "DO_NOT_TRACK=1 in your shell's profile"],
  [
    'for a fleet',
    'an empty file /etc/codegraph/telemetry.json (Windows: %ProgramData%\\codegraph\\telemetry.json)',
  ],
];

const order =
  "The first that exists decides: DO_NOT_TRACK, the fleet's file, --no-telemetry, " +
  'CODEGRAPH_TELEMETRY, your choice.';

/** How to turn it off, for the width of the terminal. */
function describeOffSwitches(): string {
  const screen = readScreen();
  return `\nTurn it off\n${formatRows(offSwitches, screen)}\n\n${wrap(order, screen.columns)}`;
}
