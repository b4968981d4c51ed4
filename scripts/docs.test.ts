import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { report } from '../contract/report/allowlist.ts';
import * as files from '../contract/files.ts';
import * as limits from '../contract/limits.ts';
import { exampleReport } from '../src/command/telemetry/example-report.ts';
import { defaultEndpoint } from '../src/environment.ts';
import * as ingestLimits from '../worker/src/limits.ts';
import { commandNames } from './docs/command-help.ts';
import { digestContract } from './docs/contract-digest.ts';
import { handWritten, readPart, replaceParts } from './docs/marked-text.ts';
import { type Page, renderPages } from './docs/pages.ts';
import { findQuantities, formatLimit } from './docs/quantities.ts';
import { findAnchors, findLinks, firstColumn } from './docs/read-markdown.ts';
import { root } from './set-up/paths.mjs';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const unique = (items: readonly string[]): string[] => [...new Set(items)].toSorted();

const readme = read('README.md');
const telemetry = read('TELEMETRY.md');
const manifest: {
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
} = JSON.parse(read('package.json'));

const documents = [
  'README.md',
  'TELEMETRY.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'sender-thread/README.md',
];

describe('the generated parts', () => {
  let pages: readonly Page[];
  beforeAll(async () => {
    pages = await renderPages();
  });

  it.each(['TELEMETRY.md', 'README.md'])('of %s are what the code says', (path) => {
    const { text, wanted } = pages.find((page) => page.path === path)!;

    expect(text, 'run `npm run docs`').toBe(wanted);
  });

  it('are put right when somebody edits one, and only that', () => {
    const edited = telemetry.replace('| `machine_id` ', '| `machine` ');
    const envelope = readPart(telemetry, 'envelope')!;
    const others = ['events', 'lists', 'patterns', 'files', 'example', 'limits', 'order'];
    const foreign = [...others, 'variables', 'choices', 'builds'];

    expect(edited).not.toBe(telemetry);
    expect(replaceParts(edited, { envelope }, foreign)).toBe(telemetry);
  });
});

describe('TELEMETRY.md', () => {
  it('has every field of the JSON Schema that the ingest publishes, and no other', () => {
    const envelope = readPart(telemetry, 'envelope')!;
    const events = readPart(telemetry, 'events')!;
    const rows = Array.from(`${envelope}${events}`.matchAll(/^\| `(\w+)`/gm), ([, name]) => name!);

    expect(unique(rows)).toEqual(unique(fieldsIn(toJsonSchema(report))));
  });

  it('has an example of every event, which the allowlist takes', () => {
    const [, example = ''] = /```json\n(\{\n {2}"machine_id".*?)```/s.exec(telemetry) ?? [];
    const shown = v.parse(report, JSON.parse(example));
    const { events } = v.parse(report, exampleReport());

    expect(unique(shown.events.map(({ event }) => event))).toEqual(
      unique(events.map(({ event }) => event)),
    );
  });

  it('names every file outside the generated tables as well, where its format is told', () => {
    const { spoolFolder: _, temporarySuffix: __, claimPrefix: ___, ...named } = files;

    for (const file of Object.values(named)) {
      expect(handWritten(telemetry)).toContain(file.replace('telemetry/ledger.d', 'ledger.d'));
    }
  });

  it('has an entry under Changes for the contract as it is', () => {
    const [, digest] = /^## Changes\n.*?<!-- contract: (\w+) -->\n\n### \d{4}-\d\d-\d\d$/ms.exec(
      telemetry,
    )!;

    expect(digest, 'what can leave has changed: add a dated entry, with this digest above it').toBe(
      digestContract(),
    );
  });

  it.each(['README.md', 'TELEMETRY.md'])('and %s name the endpoint', (path) => {
    expect(unique(read(path).match(/https:\/\/telemetry\.[\w./]+/g) ?? [])).toEqual([
      defaultEndpoint,
    ]);
  });
});

describe('README.md', () => {
  it('has a line for each dependency, and for no other package', () => {
    expect(unique(firstColumn(readme, '## Dependencies'))).toEqual(
      unique(Object.keys(manifest.dependencies)),
    );
  });

  it('has every environment variable that the code reads, and no other', () => {
    expect(unique(firstColumn(readme, '## Environment variables'))).toEqual(
      unique(
        [...['src', 'sender-thread'].flatMap(sourcesBelow), 'scripts/build.ts'].flatMap(
          variablesIn,
        ),
      ),
    );
  });

  it('begins with the two commands', () => {
    const [first, second] = readme.match(/^npm \w+/gm) ?? [];

    expect([first, second]).toEqual(['npm start', 'npm test']);
  });
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  it('names only quantities that the code has', () => {
    const strangers = unique(findQuantities(handWritten(text))).filter(
      (quantity) => !knownQuantities().has(quantity),
    );

    expect(strangers).toEqual([]);
  });

  it('links only to files and headings that are there', () => {
    const broken = findLinks(text).filter((target) => !leadsSomewhere(path, target));

    expect(broken).toEqual([]);
  });

  it('names only npm scripts and commands that are there', () => {
    const scripts = Array.from(text.matchAll(/npm run ([\w:-]+)/g), ([, name]) => name!);
    const commands = Array.from(
      text.matchAll(/codegraph telemetry(?: ([a-z]+))?(?=[`\s])/g),
      ([words]) => words.trim(),
    );

    expect(scripts.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
    expect(commands.filter((words) => !commandNames().includes(words))).toEqual([]);
  });
});

it('CHANGELOG.md tells of data first in every version', () => {
  const versions = read('CHANGELOG.md').split('\n## ').slice(1);

  expect(versions[0]).toMatch(/^\[Unreleased\]/);
  for (const version of versions.filter((text) => text.includes('### Data'))) {
    expect(/^### (.+)$/m.exec(version)?.[1]).toBe('Data');
  }
});

/** Names of properties anywhere in a JSON Schema. */
function fieldsIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties } = schema as { readonly properties?: object };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(fieldsIn)].filter(
    (name) => typeof name === 'string',
  );
}

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function variablesIn(path: string): readonly string[] {
  return Array.from(read(path).matchAll(/env\[['"](\w+)['"]\]/g), ([, name]) => name!);
}

/** Not in a file of limits, but in these words of a source. */
const quantitiesElsewhere: readonly (readonly [string, path: string, words: string])[] = [
  ['6 hours', 'src/command/serve/serve.ts', 'flushIntervalMs = 6 * 60 * 60 * 1_000'],
  ['5 seconds', 'src/command/serve/serve.ts', 'firstFlushMs = 5_000'],
  ['25 ms', 'src/sending/sender.ts', 'maxCommitMs = 25'],
  ['3 ms', 'contract/msgpack.ts', 'costs the host 3 ms'],
  ['14 days', 'worker/wrangler.jsonc', 'retention of 14 days'],
];

/** Every quantity that the code has a name for. A count of reports and the like goes by its number. */
function knownQuantities(): ReadonlySet<string> {
  const named = Object.entries({ ...ingestLimits, ...limits }).flatMap(([name, value]) => {
    const text = formatLimit(name, value);
    const counted = ['reports', 'events', 'receipts'].map((unit) => `${text} ${unit}`);
    return /\D$/.test(text) ? [text] : counted;
  });
  const elsewhere = quantitiesElsewhere
    .filter(([, path, words]) => read(path).includes(words))
    .map(([quantity]) => quantity);
  return new Set([...named, ...elsewhere]);
}

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || findAnchors(read(file)).includes(anchor);
}
