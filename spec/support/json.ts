import fc from 'fast-check';

/** A value as JSON has it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every place in a value, as keys with dots between them; the whole is ''. */
export function pathsOf(value: Json, prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  const below = Object.entries(value).flatMap(([key, item]) =>
    pathsOf(item, prefix === '' ? key : `${prefix}.${key}`),
  );
  return [prefix, ...below];
}

/** What stands at a place; undefined when nothing does. */
export function valueAt(value: Json, path: string): Json | undefined {
  let found: Json | undefined = value;
  for (const key of keysOf(path)) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string, Json>>)[key];
  }
  return found;
}

/** A copy with another value at a place. */
export function withValue(value: Json, path: string, replacement: Json): Json {
  return replaced(value, keysOf(path), () => replacement);
}

/** A copy with one more key in the object at a place, of its own even when it is `__proto__`. */
export function withKey(value: Json, path: string, key: string, item: Json): Json {
  const text = (object: Json): string => JSON.stringify({ ...(object as object), '\0': item });
  return replaced(
    value,
    keysOf(path),
    (object) => JSON.parse(text(object).replace('"\\u0000":', `${JSON.stringify(key)}:`)) as Json,
  );
}

/** A copy without what stands at a place. */
export function without(value: Json, path: string): Json {
  const keys = keysOf(path);
  const last = keys.at(-1) ?? '';
  return replaced(value, keys.slice(0, -1), (object) =>
    Object.fromEntries(Object.entries(object as object).filter(([key]) => key !== last)),
  );
}

function keysOf(path: string): readonly string[] {
  return path === '' ? [] : path.split('.');
}

function replaced(value: Json, keys: readonly string[], change: (value: Json) => Json): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.with(Number(key), replaced(value[Number(key)]!, rest, change));
  const object = value as { [key: string]: Json };
  return { ...object, [key]: replaced(object[key]!, rest, change) };
}

// Spellings of JSON as others may write it: any order and number of keys, any blanks, any escapes.
// Never with a raw newline, which ends a message on stdio.

const blanks = fc.constantFrom('', '', '', ' ', '\t', '\r', '  \t ');

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

const unitEscape = (unit: string, isUpper: boolean): string => {
  const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
  return `\\u${isUpper ? hex.toUpperCase() : hex}`;
};

/** One code point of a text, spelled in one of the ways that there are for it. */
function spelledPoint(point: string, way: number): string {
  const isLoneSurrogate = /^[\ud800-\udfff]$/.test(point);
  const mustEscape = point === '"' || point === '\\' || point < ' ' || isLoneSurrogate;
  if (way > 2 && !mustEscape) return point;
  const short = shortEscapes[point];
  if (way > 0 && short !== undefined) return short;
  return [...Array(point.length).keys()].map((at) => unitEscape(point[at]!, way === 1)).join('');
}

/** A text as a JSON string, spelled anyhow. */
export function spelledString(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return text.chain((value) => {
    const points = Array.from(value);
    return fc
      .array(fc.nat({ max: 9 }), { minLength: points.length, maxLength: points.length })
      .map((ways) => `"${points.map((point, at) => spelledPoint(point, ways[at]!)).join('')}"`);
  });
}

const anyText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'u', 'n') }),
  fc.constantFrom('\u2028\u2029', '\ud83d', 'näme', '\0', 'x'.repeat(300)),
);

const numbers = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('-0', '0.0', '1E3', '1e-7', '12e+2', '9007199254740993', '1234567890123456789'),
);

/** A key and its value, as they stand in an object. */
export function jsonMember(
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  return fc
    .tuple(blanks, spelledString(key), blanks, blanks, value, blanks)
    .map(([first, name, second, third, content, last]) =>
      [first, name, second, ':', third, content, last].join(''),
    );
}

/** An object of such members, in any number and with the same key again and again. */
export function jsonObject(member: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(blanks, fc.array(member, { maxLength: 6 }))
    .map(([blank, members]) => `{${blank}${members.join(',')}}`);
}

export interface JsonTextOptions {
  /** Keys that are drawn often. */
  readonly keys: readonly string[];
  /** Texts that are drawn often. */
  readonly texts: readonly string[];
  readonly maxDepth: number;
}

/** Any JSON value, as text. */
export function jsonTexts({ keys, texts, maxDepth }: JsonTextOptions): fc.Arbitrary<string> {
  const key = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...keys) }, anyText);
  const scalar = fc.oneof(
    spelledString(fc.oneof(fc.constantFrom(...texts), anyText)),
    numbers,
    fc.constantFrom('true', 'false', 'null'),
  );
  const { value } = fc.letrec<{ value: string }>((tie) => {
    const item = fc.tuple(blanks, tie('value'), blanks).map((parts) => parts.join(''));
    const array = fc
      .tuple(blanks, fc.array(item, { maxLength: 4 }))
      .map(([blank, items]) => `[${blank}${items.join(',')}]`);
    const object = jsonObject(jsonMember(key, tie('value')));
    return {
      value: fc.oneof(
        { maxDepth, depthIdentifier: 'json' },
        scalar,
        { weight: 3, arbitrary: object },
        array,
      ),
    };
  });
  return value;
}

/** The bytes in pieces, cut anywhere, also inside a character. */
export function piecesOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
  const ends = [...places, bytes.length];
  return ends.map((end, at) => Buffer.from(bytes.subarray(ends[at - 1] ?? 0, end)));
}
