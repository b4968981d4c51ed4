import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { format, type FormatConfig } from 'oxfmt';
import { exampleReport } from '../../src/command/telemetry/example-report.ts';
import { buildProgram } from '../../src/command/telemetry/program.ts';
import { root } from '../set-up/paths.mjs';
import { describeApi } from './api.ts';
import { describeCarriers } from './carriers.ts';
import { describeFiles, describeLimits } from './constants.ts';
import { describeFrame } from './frame.ts';
import { describeEnvelope, describeEvents, describeLists, describePatterns } from './fields.ts';
import { fence, type Parts, replaceParts, table } from './markdown.ts';

/** A page with generated parts, as it is and as the code says it should be. */
export interface Page {
  readonly path: string;
  readonly text: string;
  readonly wanted: string;
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const showFile = (path: string): string => fence('ts', read(path));

const sources: Readonly<Record<string, () => Parts>> = {
  'TELEMETRY.md': () => ({
    envelope: describeEnvelope(),
    events: describeEvents(),
  }),
  'docs/data.md': () => ({
    lists: describeLists(),
    patterns: describePatterns(),
    example: fence('json', JSON.stringify(exampleReport(), undefined, 2)),
    files: describeFiles(),
    frame: describeFrame(),
    limits: describeLimits(),
  }),
  'docs/api.md': () => ({ api: describeApi() }),
  'docs/commands.md': () => ({ commands: describeCommands() }),
  'SECURITY.md': () => ({ carriers: describeCarriers() }),
  'README.md': () => ({
    cost: describeCost(),
    commander: showFile('examples/commander.ts'),
    'mcp-sdk': showFile('examples/mcp-sdk.ts'),
    'mcp-by-hand': showFile('examples/mcp-by-hand.ts'),
    engine: fence('js', read('examples/engine/telemetry.cjs')),
  }),
};

/** Every page, with its generated parts made anew. Reads the pages, writes nothing. */
export function renderPages(): Promise<readonly Page[]> {
  return Promise.all(
    Object.entries(sources).map(async ([path, parts]) => {
      const text = read(path);
      return { path, text, wanted: await formatPage(path, replaceParts(text, parts())) };
    }),
  );
}

/** As `npm run fix` would: tables aligned, so that the two do not undo each other's work. */
export async function formatPage(path: string, text: string): Promise<string> {
  const config: FormatConfig = JSON.parse(read('.oxfmtrc.json'));
  const { code, errors } = await format(path, text, config);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return code;
}

// The rows of the benchmarks' page that say what a user pays.
const costs = [
  'count a tool call, known counter',
  'heap a count',
  'import and open, over an empty module',
  'added to a command that counts once, empty buffer',
  'append, median of many, 200 KiB buffer',
  'flush of a machine-day: longest block of the main thread',
];

/** Six rows of the benchmarks' page. @throws Error when it lacks one of them. */
function describeCost(): string {
  const rows = read('docs/bench.md')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return table(
    ['What', 'Ours', "Engine's own"],
    costs.map((cost) => {
      const [, , unit = '', ours = '', published = ''] =
        rows.find(([, name]) => name === cost) ?? [];
      if (unit === '') throw new Error(`docs/bench.md has no row: ${cost}`);
      return [cost, `${ours} ${unit}`, `${published} ${unit}`];
    }),
  );
}

/** `codegraph telemetry` and each of its commands, by the words that run it. */
export function commandNames(): readonly string[] {
  return listCommands().map(nameOf);
}

/** The help of each command, as a terminal of 80 columns shows it. */
function describeCommands(): string {
  return listCommands()
    .map((command) => fence('text', `$ ${nameOf(command)} --help\n${helpOf(command)}`))
    .join('\n\n');
}

function listCommands(): readonly Command[] {
  const neverOpened = (): never => {
    throw new Error('Help needs no context');
  };
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
