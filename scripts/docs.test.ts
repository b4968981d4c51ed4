import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Consent, decideConsent } from '../contract/consent.ts';
import * as files from '../contract/files.ts';
import * as limits from '../contract/limits.ts';
import { report } from '../contract/report/allowlist.ts';
import { textFiles } from '../spec/support/text-files.ts';
import { exampleReport } from '../src/command/telemetry/example-report.ts';
import { defaultEndpoint } from '../src/environment.ts';
import * as ingestLimits from '../worker/src/limits.ts';
import { formatLimit } from './docs/constants.ts';
import { digestContract } from './docs/fields.ts';
import { anchorOf, findLinks, handWritten, replaceParts, rowsAfter } from './docs/markdown.ts';
import { commandNames, renderPages } from './docs/pages.ts';
import { runCommand } from './run-command.ts';
import { withSealedEnvironment } from './sealed-environment.ts';
import { pinnedNode, root } from './set-up/paths.mjs';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const unique = (items: readonly string[]): string[] => [...new Set(items)].toSorted();
const codes = (text: string): string[] => text.split('`').filter((_, index) => index % 2 === 1);
/** Words that a person wrote: neither generated parts nor the lines of tables. */
const countWords = (page: string): number => handWritten(page).match(/\S*\w\S*/g)?.length ?? 0;
const namesAfter = (page: string, line: string): string[] =>
  rowsAfter(page, line).map(([cell = '']) => codes(cell)[0] ?? cell);

const readme = read('README.md');
const reference = read('docs/reference.md');
const telemetry = read('TELEMETRY.md');
const consentPage = read('docs/consent.md');
const dataPage = read('docs/data.md');
const manifest: {
  readonly description: string;
  readonly keywords: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
} = JSON.parse(read('package.json'));
const documents = [
  'README.md',
  'TELEMETRY.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/api.md',
  'docs/commands.md',
  'docs/bench.md',
  'docs/consent.md',
  'docs/data.md',
  'docs/reference.md',
  'docs/sending.md',
  'docs/upstream.md',
  'docs/views.md',
  'sender-thread/README.md',
  'sender-thread/faults.md',
];

describe('the page of what the engine’s telemetry promises', () => {
  const page = read('docs/upstream.md');
  const rows = ['## Client', '## Ingest'].flatMap((heading) => rowsAfter(page, heading));

  it.each(rows)('%s: %s has the test', (_, link = '', name = '') => {
    const [, path = ''] = /\]\(\.\.\/(.*)\)/.exec(link) ?? [];
    expect(read(path)).toContain(name);
  });
});

describe('the generated parts', async () => {
  it.each(await renderPages())('of $path are what the code says', ({ text, wanted }) => {
    expect(text, 'run `npm run docs`').toBe(wanted);
  });

  const page = '<!-- generated: one -->\n\nold\n\n<!-- /generated -->\n\nby hand\n';

  it('are replaced, and nothing else', () => {
    expect(replaceParts(page, { one: 'new' })).toBe(page.replace('old', 'new'));
    expect(replaceParts(page, {})).toBe(page);
    expect(handWritten(page)).toBe('\n\nby hand\n');
  });

  it.each([
    ['a part has no marker', page, { two: 'new' }],
    ['a marker is not closed', '<!-- generated: one -->\n', {}],
    ['a marker opens inside another', `<!-- generated: one -->\n${page}`, {}],
    ['a marker closes nothing', `${page}<!-- /generated -->\n`, {}],
  ])('are refused when %s', (_, text, parts) => {
    expect(() => replaceParts(text, parts)).toThrow(/marker/i);
  });
});

describe('docs/consent.md', () => {
  const decide = (env: object, choice?: string, policy?: string): Consent => {
    const texts = new Map([
      ['home/telemetry.json', choice],
      ['policy', policy],
    ]);
    return decideConsent(
      { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false, ...env },
      { dataDir: 'home', policyFile: 'policy' },
      textFiles((path) => texts.get(path)),
    );
  };
  const inWords = ({ decidedBy, mode, warning }: Consent, byDefault: string): string => {
    if (decidedBy === 'default') return byDefault;
    return warning === undefined || decidedBy === 'unreadable'
      ? mode
      : `${mode}, and \`status\` warns`;
  };

  it('says who decides, first match first', () => {
    const [flag, variable] = [{ hasFlag: true }, { codegraphTelemetry: '0' }];
    const no = '{"enabled":false}';
    const { decidedBy: first } = decide({ doNotTrack: '1', ...flag, ...variable }, no, '');
    const order = [
      first,
      decide({ ...flag, ...variable }, no, '').decidedBy,
      decide({ ...flag, ...variable }, no).decidedBy,
      decide(variable, no).decidedBy,
      decide({}, no).decidedBy,
      decide({}).decidedBy,
    ];
    const said = consentPage.split('The first that exists decides:')[1]?.match(/(?<=^\d\. ).+$/gm);
    expect(order.filter((by, index) => said?.[index]?.includes(by) !== true)).toEqual([]);
  });

  it('says what each value of the two variables means', () => {
    const line = 'The values of the two variables, in upper or lower case:';
    for (const [cell = '', ...said] of rowsAfter(consentPage, line)) {
      const value = cell === 'empty' ? '' : (codes(cell)[0] ?? cell);
      const decided = [{ doNotTrack: value }, { codegraphTelemetry: value }].map((env) =>
        inWords(decide(env), 'decides nothing'),
      );
      expect([cell, ...said]).toEqual([cell, ...decided]);
    }
  });

  it('says what each choice file means', () => {
    for (const [cell = '', said] of rowsAfter(consentPage, 'What the choice file may say:')) {
      const text = codes(cell).length > 0 ? `{${codes(cell).join()}}` : '{"enabled":tr';
      const consent = decide({}, cell === 'no file' ? undefined : text);
      expect([cell, said]).toEqual([cell, inWords(consent, 'on, with the notice and its wait')]);
    }
  });
});

describe('docs/data.md', () => {
  it('has an example that the allowlist accepts', () => {
    expect(v.is(report, exampleReport())).toBe(true);
  });

  it('describes the format of every file outside the generated tables', () => {
    const { spoolFolder: _, temporarySuffix: __, claimPrefix: ___, ...named } = files;
    for (const file of Object.values(named)) {
      expect(handWritten(dataPage)).toContain(file.replace('telemetry/ledger.d', 'ledger.d'));
    }
  });
});

describe('TELEMETRY.md', () => {
  it('has at most 1,500 words beside the tables of fields', () => {
    expect(countWords(telemetry)).toBeLessThanOrEqual(1_500);
  });

  it('says with package.json and README.md in one sentence whether the data is anonymous', () => {
    const statement = 'The data is pseudonymous within a month, not anonymous.';
    for (const text of [telemetry, readme, manifest.description]) {
      expect(text.replaceAll(/\s+/g, ' ').split(statement)).toHaveLength(2);
      expect(text.replace(statement, '')).not.toMatch(/anonymous(?!\?)/i);
    }
    expect(manifest.keywords).not.toContain('anonymous');
  });

  it('names the region for which the ingest is configured', () => {
    expect(telemetry).toContain('PostHog in the European Union');
    expect(read('worker/wrangler.jsonc')).toContain('"POSTHOG_HOST": "https://eu.i.posthog.com"');
    const made = read('worker/README.md').match(/wrangler (?:queues|d1) create .*/g) ?? [];
    expect(made).toHaveLength(3);
    expect(made.filter((command) => !command.endsWith('--jurisdiction eu'))).toEqual([]);
  });

  it('has an entry under Changes for the contract as it is', () => {
    const [, digest] = /^## Changes\n.*?<!-- contract: (\w+) -->\n\n### \d{4}-\d\d-\d\d$/ms.exec(
      telemetry,
    )!;
    expect(digest, 'what can leave has changed: add a dated entry, with this digest above it').toBe(
      digestContract(),
    );
  });
});

describe('README.md', () => {
  it('has a line for each dependency, and for no other package', () => {
    expect(unique(namesAfter(readme, '## Dependencies'))).toEqual([
      '@clack/prompts',
      'commander',
      'quickjs-wasi',
      'valibot',
    ]);
  });

  it('has every environment variable that the code reads, and no other', () => {
    const sources = [...['src', 'sender-thread'].flatMap(sourcesBelow), 'scripts/build.ts'];
    const variables = sources.flatMap((path) =>
      Array.from(read(path).matchAll(/env\[['"](\w+)['"]\]/g), ([, name]) => name!),
    );
    expect(unique(namesAfter(reference, '## Environment variables'))).toEqual(unique(variables));
  });

  it('has at most 1,800 words', () => {
    expect(countWords(readme)).toBeLessThanOrEqual(1_800);
  });

  it('of the sender thread has at most 1,200 words', () => {
    expect(countWords(read('sender-thread/README.md'))).toBeLessThanOrEqual(1_200);
  });

  it('begins with the two commands', () => {
    expect(readme.match(/^npm \w+/gm)?.slice(0, 2)).toEqual(['npm start', 'npm test']);
  });

  it.each(['status', 'show'])('has every key of `telemetry %s --json`', async (name) => {
    const args = [join(root, 'dist', 'codegraph.js'), 'telemetry', name, '--json'];
    const { code, output } = await withSealedEnvironment((env) =>
      runCommand(pinnedNode, args, { cwd: root, env }),
    );
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(output))).toEqual(namesAfter(reference, `\`${name}\`:`));
  });
});

// Not in a file of limits, but in these words of a source.
const quantitiesElsewhere = [
  { quantity: '25 ms', path: 'src/sending/sender.ts', words: 'maxCommitMs = 25' },
  { quantity: '12 hours', path: 'worker/wrangler.jsonc', words: '"MAX_DELAY_SECONDS": 43200' },
  { quantity: '14 days', path: 'worker/wrangler.jsonc', words: 'retention of 14 days' },
  { quantity: '3 ms', path: 'contract/msgpack.ts', words: 'costs the host 3 ms' },
];

it.each(quantitiesElsewhere)('$path still has the $quantity of the pages', ({ path, words }) => {
  expect(read(path)).toContain(words);
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  it('names only quantities that the code has', () => {
    const units = 'KiB|MiB|bytes?|ms|seconds?|minutes?|hours?|days?|reports?|events?|receipts?';
    const named = handWritten(text).matchAll(
      new RegExp(String.raw`(\d[\d,.]*)\s+(${units})\b`, 'g'),
    );
    const known = [
      ...Object.entries({ ...ingestLimits, ...limits }).flatMap(([name, value]) => {
        const quantity = formatLimit(name, value);
        const counted = ['reports', 'events', 'receipts'].map((unit) => `${quantity} ${unit}`);
        return /\D$/.test(quantity) ? [quantity] : counted;
      }),
      ...quantitiesElsewhere.map(({ quantity }) => quantity),
    ];
    const quantities = Array.from(named, ([, number, unit]) => `${number} ${unit}`);
    expect(quantities.filter((quantity) => !known.includes(quantity))).toEqual([]);
  });

  it('links only to files and headings that are there', () => {
    const broken = findLinks(text).filter((target) => {
      const [to = '', anchor] = target.split('#');
      const file = to === '' ? path : join(dirname(path), to);
      if (!existsSync(join(root, file))) return true;
      const headings = anchor === undefined ? [] : (read(file).match(/(?<=^#+ ).+$/gm) ?? []);
      return anchor !== undefined && !headings.map(anchorOf).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names only npm scripts, commands and an endpoint that are there', () => {
    const scripts = Array.from(text.matchAll(/npm run ([\w:-]+)/g), ([, name]) => name!);
    const commands = text.match(/codegraph telemetry(?: [a-z]+)?(?=[`\s])/g) ?? [];
    const endpoints = text.match(/https:\/\/telemetry\.[\w./]+/g) ?? [];
    expect(scripts.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
    expect(commands.filter((words) => !commandNames().includes(words))).toEqual([]);
    expect(endpoints.filter((url) => url !== defaultEndpoint)).toEqual([]);
  });
});

it('CHANGELOG.md tells of data first in every version', () => {
  const [, ...versions] = read('CHANGELOG.md').split('\n## ');
  const told = versions.filter((version) => version.includes('### Data'));
  expect(told.map((version) => /^### (.+)$/m.exec(version)?.[1])).toEqual(told.map(() => 'Data'));
});

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
