import { createHash } from 'node:crypto';
import { toJsonSchema } from '@valibot/to-json-schema';
import { report } from '../../contract/report/allowlist.ts';
import * as lists from '../../contract/report/lists.ts';
import { anchorOf, code, table } from './markdown.ts';

/** What the allowlist says of a field, as JSON Schema with a reason and an example. */
interface Field {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Field;
  readonly anyOf?: readonly Field[];
  readonly oneOf?: readonly Field[];
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly why?: string;
  readonly example?: unknown;
}

const schema = toJsonSchema(report, { target: 'draft-2020-12', ignoreActions: ['check'] }) as Field;
const { events: list, ...envelope } = schema.properties ?? {};
const events = list?.items?.oneOf ?? [];

// The heading of each list on the page. Beside a field it is named by that.
const headings: readonly (readonly [heading: string, list: readonly string[]])[] = [
  ['Commands', lists.cliNames],
  ['Tools', lists.toolNames],
  ['MCP clients', lists.clientNames],
  ['Languages', lists.languages],
  ['Agents', lists.targets],
  ['Operating systems', lists.operatingSystems],
  ['Processor architectures', lists.architectures],
  ['Size classes', lists.fileCountBuckets],
  ['Duration classes', lists.durationBuckets],
  ['Scopes', lists.installScopes],
  ['Kinds of install', lists.installKinds],
];

// What a string of each pattern is.
const patterns: Readonly<Record<string, RegExp>> = {
  'a UUIDv4': /^\^\[0-9a-f\]\{8\}-/,
  'a release or pre-release version': /alpha\|beta/,
  'noon of a UTC day': /T12:00:00/,
  'major.minor': /20\\d\\d/,
};

const head = ['Field', 'Type and allowed values', 'Example', 'What it is', 'Why it is collected'];

/** What a report says beside its events, as a table. */
export function describeEnvelope(): string {
  const words = `list of ${describeBounds(list?.minItems, list?.maxItems)}`;
  const row = ['`events`', words, 'see below', 'The events.', 'They are what is reported.'];
  return table(head, [...rowsOf({ properties: envelope, required: schema.required ?? [] }), row]);
}

/** What every event has, then a section for each event. */
export function describeEvents(): string {
  const names = events.map(({ properties }) => code(properties?.['event']?.const));
  const { event: _, props: __, ...shared } = events[0]?.properties ?? {};
  const rows = [
    [
      '`event`',
      `string: ${names.join(', ')}`,
      names[0]!,
      'Which event it is.',
      'To tell them apart.',
    ],
    ...rowsOf({ properties: shared, required: Object.keys(shared) }),
    ['`props`', 'the fields below', 'see below', 'What the event says.', 'It is what is reported.'],
  ];
  const sections = events.map(({ properties }, index) => {
    const props = properties?.['props'] ?? {};
    return `### ${names[index]}\n\n${props.description}\n\n${table(head, rowsOf(props))}`;
  });
  return ['### Every event', table(head, rows), ...sections].join('\n\n');
}

/** Every closed list, in full. */
export function describeLists(): string {
  return headings
    .map(([heading, items]) => `### ${heading}\n\n${items.map(code).join(', ')}`)
    .join('\n\n');
}

/** Every pattern of the allowlist, by the words that stand for it in the tables. */
export function describePatterns(): string {
  const used = new Set(JSON.stringify(schema).match(/(?<="pattern":)"(?:[^"\\]|\\.)*"/g));
  const sources = [...used].map((text) => String(JSON.parse(text)));
  return table(
    ['In the tables', 'Pattern'],
    sources.map((source) => [wordsOf(source), code(`/${source}/`)]),
  );
}

/** Stands for all that can leave: changes with every field, value, pattern and bound. */
export function digestContract(): string {
  // Words about a field may change without a change of what is collected.
  const words = ['description', 'why', 'example'];
  const text = JSON.stringify(schema, (key, value: unknown) =>
    words.includes(key) ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A row for each field. One that depends on the kind of the event has a row for each kind. */
function rowsOf({ properties, required = [], oneOf }: Field): readonly (readonly string[])[] {
  if (oneOf === undefined) {
    return Object.entries(properties ?? {}).map(([name, field]) =>
      rowOf(code(name), field, required.includes(name)),
    );
  }
  const [first] = oneOf;
  return Object.keys(first?.properties ?? {}).flatMap((name) => {
    const rows = oneOf.map((option) => {
      const field = option.properties?.[name] ?? {};
      return rowOf(code(name), field, option.required?.includes(name) === true);
    });
    if (new Set(rows.map((row) => row.join())).size === 1) return rows.slice(0, 1);
    if (name === 'kind') return rows;
    return rows.map(([field = '', ...row], index) => {
      const kind = code(oneOf[index]?.properties?.['kind']?.const);
      return [`${field}, where \`kind\` is ${kind}`, ...row];
    });
  });
}

/** @throws Error when a field has no description, no reason or no example. */
function rowOf(name: string, field: Field, isRequired: boolean): readonly string[] {
  const { description, why, example } = field;
  if (description === undefined || why === undefined || example === undefined) {
    throw new Error(`${name}: the allowlist has no description, reason or example of it`);
  }
  const values = isRequired ? describeValues(field) : `${describeValues(field)}; may be left out`;
  return [name, values, code(example), description, why];
}

/** A field's type and the values it may have. @throws Error for a string that may be anything. */
function describeValues(field: Field): string {
  if (field.anyOf !== undefined) return field.anyOf.map(describeValues).join(', or ');
  if (field.const !== undefined) return code(field.const);
  if (field.enum !== undefined) {
    const text = field.enum.join();
    const [heading] = headings.find(([, items]) => items.join() === text) ?? [];
    if (heading === undefined) throw new Error(`A closed list has no heading: ${text}`);
    return `string: one of [${heading}](docs/data.md#${anchorOf(heading)})`;
  }
  if (field.items !== undefined) {
    const bounds = describeBounds(field.minItems, field.maxItems);
    return `list of ${bounds}; each a ${describeValues(field.items)}`;
  }
  if (field.type === 'integer') return `integer, ${describeBounds(field.minimum, field.maximum)}`;
  return field.type === 'boolean' ? 'boolean' : `string: ${wordsOf(field.pattern)}`;
}

function wordsOf(pattern = ''): string {
  const [words] = Object.entries(patterns).find(([, known]) => known.test(pattern)) ?? [];
  if (words === undefined) throw new Error(`A string has no pattern with a name: ${pattern}`);
  return words;
}

/** `1 to 100`. @throws Error when there is no upper bound. */
function describeBounds(least = 0, most?: number): string {
  if (most === undefined) throw new Error('The allowlist has a number or a list without a bound');
  return `${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`;
}
