import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, gateCounters, languages, targets, tools } from '../../contract/report/lists.ts';

/** Names of an engine, by the list that they belong to. */
export type EngineNames = Readonly<Record<keyof typeof known, readonly string[]>>;

const known = { commands, gates: gateCounters, tools, languages, targets };

/** Reads the names from the code of an engine, its `lib/dist`, without running it. */
export function readEngineNames(code: string): EngineNames {
  const read = (...path: readonly string[]): string => readFileSync(join(code, ...path), 'utf8');
  const cli = read('bin', 'codegraph.js');
  const [, list = ''] = /exports\.LANGUAGES = \[(.*?)\]/s.exec(read('types.js')) ?? [];
  const installers = readdirSync(join(code, 'installer', 'targets')).filter((name) =>
    name.endsWith('.js'),
  );
  return {
    commands: [
      ...find(/\.command\('([\w-]+)/g, cli),
      // Made in a loop over their names.
      ...find(/'([\w-]+)'/g, /for \(const direction of \[(.*?)\]/.exec(cli)?.[1] ?? ''),
    ],
    gates: find(/\bgate\((.*?)\);/g, cli)
      .flatMap((outcomes) => find(/'([\w-]+)'/g, outcomes))
      .map((outcome) => `prompt-hook-gate-${outcome}`),
    tools: find(/name: '(codegraph_\w+)'/g, read('mcp', 'tools.js')),
    languages: find(/'(\w+)'/g, list),
    targets: installers.flatMap((name) =>
      find(/^ {4}id = '([\w-]+)';/gm, read('installer', 'targets', name)),
    ),
  };
}

function find(pattern: RegExp, text: string): readonly string[] {
  return Array.from(text.matchAll(pattern), ([, name]) => name!);
}

/** The names that the contract does not have: they count as `other`. */
export function unknownIn(names: EngineNames): readonly string[] {
  return Object.entries(known).flatMap(([list, words]) =>
    [...new Set(names[list as keyof typeof known])]
      .filter((name) => !(words as readonly string[]).includes(name))
      .map((name) => `${list}: ${name}`),
  );
}

/** The names of the contract that the engine does not have: it is older, or is laid out anew. */
export function missingIn(names: EngineNames): readonly string[] {
  return Object.entries(known).flatMap(([list, words]) =>
    words
      .filter((word) => word !== 'other' && !names[list as keyof typeof known].includes(word))
      .map((word) => `${list}: ${word}`),
  );
}
