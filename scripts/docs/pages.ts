import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, type FormatConfig } from 'oxfmt';
import { root } from '../set-up/paths.mjs';
import { describeLists } from './closed-lists.ts';
import { describeCommands } from './command-help.ts';
import { describeBuilds, describeChoices, describeOrder, describeVariables } from './deciders.ts';
import { describeEnvelope, describeEvents, describePatterns } from './events.ts';
import { describeExample } from './example.ts';
import { describeFiles } from './files.ts';
import { describeLimits } from './limits.ts';
import { type Parts, replaceParts } from './marked-text.ts';

/** A page with generated parts, as it is and as the code says it should be. */
export interface Page {
  readonly path: string;
  readonly text: string;
  readonly wanted: string;
}

interface Source {
  readonly path: string;
  readonly parts: () => Parts;
  /** Parts that another generator writes. */
  readonly foreign: readonly string[];
}

const sources: readonly Source[] = [
  {
    path: 'TELEMETRY.md',
    parts: () => ({
      envelope: describeEnvelope(),
      events: describeEvents(),
      lists: describeLists(),
      patterns: describePatterns(),
      files: describeFiles(),
      example: describeExample(),
      limits: describeLimits(),
      order: describeOrder(),
      variables: describeVariables(),
      choices: describeChoices(),
      builds: describeBuilds(),
    }),
    foreign: [],
  },
  {
    path: 'README.md',
    parts: () => ({ commands: describeCommands() }),
    // `npm run bench -- --write` fills it.
    foreign: ['bench'],
  },
];

/** Every page, with its generated parts made anew. Reads the pages, writes nothing. */
export function renderPages(): Promise<readonly Page[]> {
  return Promise.all(
    sources.map(async ({ path, parts, foreign }) => {
      const text = readFileSync(join(root, path), 'utf8');
      const wanted = await formatPage(path, replaceParts(text, parts(), foreign));
      return { path, text, wanted };
    }),
  );
}

/** As `npm run fix` would: tables aligned, so that the two do not undo each other's work. */
async function formatPage(path: string, text: string): Promise<string> {
  const config: FormatConfig = JSON.parse(readFileSync(join(root, '.oxfmtrc.json'), 'utf8'));
  const { code, errors } = await format(path, text, config);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return code;
}
