import fc from 'fast-check';
import { maxAgeDays } from '../../contract/limits.ts';
import { absorb } from '../support/absorb.ts';
import { bookAnswer } from '../../sender-thread/guest/book-answer.ts';
import { type Json, pathsOf, valueAt, withKey, withValue, without } from '../support/json.ts';
import { claimOf, mayReport, noon, requestOf } from '../support/requests.ts';
import { bufferOf } from '../support/frames.ts';
import { framesOf, today } from './frames.ts';
import { damagedWords } from './words.ts';

/** Ledgers as flushes of another day may have left them, all made of the words of damage. */
const honest: readonly string[] = fc
  .sample(fc.array(framesOf(damagedWords), { minLength: 2, maxLength: 4 }), { seed: 1, numRuns: 6 })
  .map((frames, index) => {
    // The first one is so old that its days have to be dropped.
    const day = today - (index === 0 ? maxAgeDays : 1);
    const aged = frames.map((frame) => ({ ...frame, day: Math.max(0, frame.day - (today - day)) }));
    const claims = [{ ...claimOf(bufferOf(...aged), 'claim-before'), isFinal: index % 2 === 0 }];
    const first = absorb(requestOf(day, { claims, ...(index % 3 > 0 && mayReport()) }));
    if (index < 4) return first.ledger;
    const result = { kind: 'postponed', retryAfterMs: 5_000 } as const;
    const request = { ledger: first.ledger, now: noon(day), batchId: '', result, jitter: 0 };
    return bookAnswer(request).ledger;
  });

const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'cwd', '', 'count', 'usage'];

const days = ['2026-11-22', '2026-02-31', '0000-00-00', '9999-99-99', '2026-11-22\n'];
const instants = days.map((day) => `${day}T12:00:00.000Z`);

const simple: readonly Json[] = [null, true, false, '', [], {}, [[]]];
const numbers = [-1, -0, 0, 1, 0.5, 1e6, 1e6 + 1, 2 ** 53, 1e308];
const texts = ['/home/alice', 'alice@example.com', '1.0', '1.0\n', '__proto__', 'query'];
const times = ['2026-11-22T12:00:00.000Z', '9999-12-31T23:59:59.999Z', ...instants, ...days];
const large: readonly Json[] = ['x'.repeat(61_000), Array.from({ length: 200 }, () => ({}))];

const hostileValues: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(...simple, ...numbers, ...texts, ...times, ...large),
  fc.constantFrom(...keys).map((key) => withKey({}, '', key, { alice: 1 })),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
);

type Edit = (value: Json) => Json;

/** Changes of one place, which is drawn when the value is known. */
export const edits: fc.Arbitrary<Edit> = fc
  .record({
    place: fc.nat(),
    key: fc.constantFrom(...keys, ...days, 'claim-before', 'claim-0'),
    item: hostileValues,
    does: fc.constantFrom('replace', 'replace', 'replace', 'add', 'delete'),
  })
  .map(({ place, ...edit }) => (value) => {
    const paths = pathsOf(value);
    const path = paths[place % paths.length] ?? '';
    try {
      return editedAt(value, path, edit);
    } catch {
      // Keys with a dot in them lead nowhere, and what is no object takes no key.
      return withValue(value, '', edit.item);
    }
  });

function editedAt(
  value: Json,
  path: string,
  { does, key, item }: { does: string; key: string; item: Json },
): Json {
  if (does === 'delete') return path === '' ? null : without(value, path);
  return does === 'add' ? withKey(value, path, key, item) : withValue(value, path, item);
}

/** A ledger whose values are edited, and so are the reports that wait in it as text. */
const edited = fc
  .tuple(
    fc.constantFrom(...honest),
    fc.array(edits, { maxLength: 2 }),
    fc.option(edits, { freq: 2 }),
  )
  .map(([text, ofLedger, ofBodies]) => {
    const ledger = ofLedger.reduce<Json>((value, edit) => edit(value), JSON.parse(text) as Json);
    return JSON.stringify(ofBodies === null ? ledger : withBodies(ledger, ofBodies), undefined, 1);
  });

function withBodies(ledger: Json, edit: Edit): Json {
  const bodies = pathsOf(ledger).filter((path) => /^reports\.\d+\.body$/.test(path));
  return bodies.reduce(
    (value, path) => withValue(value, path, editedText(valueAt(value, path), edit)),
    ledger,
  );
}

function editedText(body: Json | undefined, edit: Edit): Json {
  if (typeof body !== 'string') return 'alice';
  try {
    return JSON.stringify(edit(JSON.parse(body) as Json));
  } catch {
    // Edited into no JSON already.
    return 'alice';
  }
}

const signs = [
  '',
  '\ufffd',
  '\ufeff',
  '\0',
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  '-',
  '\\ud800',
  '\\u0000',
];
const digits = ['0', '1e999', '-1e999', '1e308', '9'.repeat(400)];
const pieces = ['"count":1,', '"__proto__":{"days":{}},', '"lost":{},'];
const deep = ['['.repeat(3_000), '{"a":'.repeat(3_000)];

/** A ledger whose text is changed as if it were any text. */
const scribbled = fc
  .record({
    text: fc.oneof(fc.constantFrom(...honest), edited),
    place: fc.nat(),
    length: fc.nat({ max: 30 }),
    insert: fc.constantFrom(...signs, ...digits, ...pieces, ...deep),
  })
  .map(({ text, place, length, insert }) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + insert + text.slice(at + length);
  });

/** What may stand where a ledger should, with nothing in it that intact frames have counted. */
export const hostileLedgers: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...honest) },
  { weight: 8, arbitrary: edited },
  { weight: 3, arbitrary: scribbled },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.json(), fc.string(), fc.constantFrom('', 'null', '[]', '{}')),
  },
);
