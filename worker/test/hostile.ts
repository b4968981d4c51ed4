import type { RequestView } from '../src/ingest/request-view.ts';
import { randomOf } from './random.ts';
import { postOf } from './reports.ts';
import { publishedClient, reports } from './vectors.ts';

/** Values that once broke a parser, a table or a promise somewhere. */
const hostileValues: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  '',
  ' ',
  '0',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '/home/alice/secret-project',
  'C:\\Users\\alice',
  'alice@example.org',
  '203.0.113.7',
  '2026-11-22T12:00:00.000Z',
  '9999-12-31T23:59:59Z',
  '-271821-04-20T00:00:00.000Z',
  "'; DROP TABLE daily; --",
  '<script>alert(1)</script>',
  '\u0000',
  '\uFEFF',
  '\u202Eevil',
  '\uD800',
  '💥'.repeat(50),
  'x'.repeat(10_000),
  [],
  [[]],
  {},
  { length: 3 },
  ['go', 'go', 'go'],
  Array.from({ length: 2_000 }, () => 'typescript'),
  { toJSON: 'no function', valueOf: null },
  { $ip: '203.0.113.7', $set: { email: 'alice@example.org' }, distinct_id: 'alice' },
];

const hostileTexts: readonly string[] = [
  '',
  'null',
  '[]',
  '"',
  '{',
  '[[[[[[',
  '['.repeat(60_000),
  '{"a":'.repeat(10_000),
  '1e999',
  '{"__proto__":{"machine_id":"e0f087a2-15fa-4a29-b614-2d43b12089a9","events":[]}}',
  '{"machine_id":"e0f087a2-15fa-4a29-b614-2d43b12089a9","events":[],"events":{}}',
  '\uFEFF{}',
  'machine_id=1&events=2',
  'x'.repeat(70_000),
];

/** So many requests, the same for the same seed: broken texts, and bodies with hostile parts. */
export function* hostileRequests(count: number, seed: number): Generator<RequestView> {
  const next = randomOf(seed);
  const pick = <Item>(list: readonly Item[]): Item =>
    list[Math.floor(next() * list.length)] as Item;
  const bodies = [...publishedClient, ...reports].map(([, body]) => body);
  for (let made = 0; made < count; made++) {
    const kind = next();
    if (kind < 0.05) {
      yield postOf(pick(hostileTexts));
    } else if (kind < 0.1) {
      const text = JSON.stringify(pick(bodies));
      yield postOf(text.slice(0, Math.floor(next() * text.length)));
    } else if (kind < 0.12) {
      const bytes = Uint8Array.from({ length: 200 }, () => Math.floor(next() * 256));
      yield postOf('', { body: new Blob([bytes]).stream() });
    } else {
      const body: unknown = structuredClone(pick(bodies));
      const parts = 1 + Math.floor(next() * 4);
      for (let part = 0; part < parts; part++) spoil(body, pick, next);
      yield postOf(body);
    }
  }
}

/** Puts a hostile value, or a key with one, at a random place of `body`. */
function spoil(
  body: unknown,
  pick: <Item>(list: readonly Item[]) => Item,
  next: () => number,
): void {
  let place = body;
  for (;;) {
    if (typeof place !== 'object' || place === null) return;
    const key =
      next() < 0.1 ? pick(['__proto__', 'constructor', 'extra', '0']) : pick(keysOf(place));
    // Own keys only: `__proto__` of any object leads to the one of all.
    const inner: unknown = Object.hasOwn(place, key) ? Reflect.get(place, key) : undefined;
    if (typeof inner === 'object' && inner !== null && next() < 0.8) {
      place = inner;
      continue;
    }
    // As JSON.parse does it: an own property, also for `__proto__`.
    Object.defineProperty(place, key, {
      value: structuredClone(pick(hostileValues)),
      configurable: true,
      enumerable: true,
      writable: true,
    });
    return;
  }
}

function keysOf(place: object): readonly string[] {
  const keys = Object.keys(place);
  return keys.length === 0 ? ['extra'] : keys;
}
