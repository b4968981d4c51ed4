import * as v from 'valibot';
import { report, reportEvent } from '../../contract/report/allowlist.ts';
import { describeBounds, describeValues, patternOf } from './allowed-values.ts';
import { notesOf } from './field-notes.ts';
import { code, table } from './markdown.ts';
import { type Entries, type Shape, shapeOf, unwrap } from './shape.ts';

const head = ['Field', 'Type and allowed values', 'Example', 'What it is', 'Why it is collected'];

interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** The field and value that this row is for; undefined when it is the same for all. */
  readonly condition?: string;
}

interface EventOnPage {
  readonly name: string;
  readonly what: string;
  /** What it has in common with the other events. */
  readonly shared: readonly Field[];
  /** What it says. */
  readonly props: readonly Field[];
}

/** What a report says beside its events, as a table. */
export function describeEnvelope(): string {
  const { events, ...fields } = entriesOf(shapeOf(report));
  if (events === undefined) throw new Error('The allowlist has no events');
  const list = `list of ${describeBounds(events, 'length')}`;
  const row = ['`events`', list, 'see below', 'The events.', 'They are what is reported.'];
  return table(head, [...toFields(fields).map(describeField), row]);
}

/** What every event has, then a section for each event. */
export function describeEvents(): string {
  const events = readEvents();
  const names = events.map(({ name }) => code(name));
  const rows = [
    [
      '`event`',
      `string: ${names.join(', ')}`,
      String(names[0]),
      'Which event it is.',
      'To tell them apart.',
    ],
    ...(events[0]?.shared ?? []).map(describeField),
    ['`props`', 'the fields below', 'see below', 'What the event says.', 'It is what is reported.'],
  ];
  const sections = events.map(
    ({ name, what, props }) =>
      `### ${code(name)}\n\n${what}\n\n${table(head, props.map(describeField))}`,
  );
  return ['### Every event', table(head, rows), ...sections].join('\n\n');
}

/** Every pattern of the allowlist, by the words that stand for it in the tables. */
export function describePatterns(): string {
  const { events: _, ...envelope } = entriesOf(shapeOf(report));
  const fields = readEvents().flatMap(({ shared, props }) => [...shared, ...props]);
  const patterns = [...toFields(envelope), ...fields]
    .flatMap(({ shape }) => stringsIn(shape))
    .map(patternOf);
  const byWords = new Map(patterns.map(({ words, source }) => [words, code(source)]));
  return table(['In the tables', 'Pattern'], [...byWords]);
}

function readEvents(): readonly EventOnPage[] {
  const shape = shapeOf(reportEvent);
  if (shape.type !== 'variant') throw new Error('Events are not told apart by their name');
  return shape.options.map(({ entries: { event, props, ...shared } }) => {
    if (event?.type !== 'literal' || props === undefined) throw new Error('An event has no name');
    const what = v.getDescription(props as unknown as v.GenericSchema) ?? '';
    return { name: String(event.literal), what, shared: toFields(shared), props: propsOf(props) };
  });
}

/** The fields of props; those that depend on another field's value are listed for each value. */
function propsOf(props: Shape): readonly Field[] {
  if (props.type !== 'variant') return toFields(entriesOf(props));
  const { key, options } = props;
  const names = new Set(options.flatMap(({ entries }) => Object.keys(entries)));
  return [...names].flatMap((name) => {
    const first = options[0]?.entries[name];
    const isShared = options.every(({ entries }) => entries[name] === first);
    if (isShared && first !== undefined) return [{ name, shape: first }];
    return options.flatMap(({ entries }): Field[] => {
      const [shape, keyShape] = [entries[name], entries[key]];
      if (shape === undefined || keyShape?.type !== 'literal') return [];
      if (name === key) return [{ name, shape }];
      return [{ name, shape, condition: `where ${code(key)} is ${code(keyShape.literal)}` }];
    });
  });
}

function stringsIn(shape: Shape): readonly Shape[] {
  const inner = unwrap(shape);
  if (inner.type === 'string') return [inner];
  return inner.type === 'union' ? inner.options.flatMap(stringsIn) : [];
}

function describeField({ name, shape, condition }: Field): readonly string[] {
  const { what, why, example } = notesOf(name, shape);
  const field = condition === undefined ? code(name) : `${code(name)}, ${condition}`;
  return [field, describeValues(shape), code(example), what, why];
}

function toFields(entries: Entries): readonly Field[] {
  return Object.entries(entries).map(([name, shape]) => ({ name, shape }));
}

function entriesOf(shape: Shape): Entries {
  if (shape.type !== 'strict_object') throw new Error(`Not an object: ${shape.type}`);
  return shape.entries;
}
