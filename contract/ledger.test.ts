import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Json, pathsOf, valueAt, withKey, without, withValue } from '../spec/support/json.ts';
import { readVectors } from '../spec/support/vectors.ts';
import { emptyLedger, formatLedger, isNewerLedger, parseLedger } from './ledger.ts';

const vectors = readVectors('ledgers');
const full = vectors.find(({ file }) => file === 'rolled-up.json')?.vector.ledger as Json;

const usage = { kind: 'cli_command', name: 'query', count: 1, error_count: 0 };

describe('a text is no ledger when it is', () => {
  test.each<[what: string, text: string]>([
    ['empty', ''],
    ['no JSON', 'ledger'],
    ['cut off', formatLedger(emptyLedger()).slice(0, -3)],
    ['null', 'null'],
    ['a list', '[]'],
    ['nested without end', '['.repeat(500_000)],
    ['two of them', formatLedger(emptyLedger()).repeat(2)],
  ])('%s', (_, text) => {
    expect(parseLedger(text)).toBeUndefined();
  });
});

describe('a ledger is damaged by', () => {
  test.each<[path: string, ...refused: Json[]]>([
    ['ledger_version', 0, 2, '1', null],
    ['identity', 'e0f087a2', {}, []],
    ['identity.machine_id', 7, '', 'alices-laptop'],
    ['days', ['2026-11-22'], null, { today: { usage: [], events: [] } }, { '2026-11-22': {} }],
    ['days.2026-11-22.usage', null, {}, [{}], [{ ...usage, name: '/home/alice' }]],
    ['days.2026-11-22.usage.0.name', 'alices-command', 'codegraph_search', null],
    ['days.2026-11-22.usage.0.count', 0, 1.5, '5', 1_000_001, null],
    ['days.2026-11-22.events', [{ event: 'usage_rollup', props: usage }], [['index', {}]]],
    ['reports', null, {}, ['body']],
    ['reports.0.day', 'yesterday', '2026-11-21T12:00:00.000Z', 20_778],
    ['reports.0.body', {}, null, 'x'.repeat(60_001)],
    ['reports.0.batch_id', null, 1],
    ['claims', ['claim-a'], null, { 'claim-a': -1 }, { 'claim-a': '334' }, { 'claim-a': 0.5 }],
    ['sending', null, {}],
    ['sending.failures', -1, 0.5, null, 'many'],
    ['sending.not_before', 'soon', 0, '2026-11-22'],
    ['sending.stopped', 'no', 0, null],
    ['sending.last_flush', 'today', { at: '2026-11-22T12:00:00.000Z' }],
    ['sending.last_flush.outcome', 'lost', '', null],
    ['lost', null, {}],
    ['lost.no_room', -1, null, '4'],
  ])('another %s', (path, ...refused) => {
    const accepted = refused.filter(
      (value) => parseLedger(JSON.stringify(withValue(full, path, value))) !== undefined,
    );
    expect(accepted).toEqual([]);
  });

  const strict = pathsOf(full).filter((path) => {
    const value = valueAt(full, path);
    return typeof value === 'object' && !Array.isArray(value) && !/^(?:days|claims)$/.test(path);
  });
  test.each(strict)('a key more in "%s"', (path) => {
    expect(parseLedger(JSON.stringify(withKey(full, path, 'cwd', '/home/alice')))).toBeUndefined();
  });

  test.each(
    strict.flatMap((path) => Object.keys(valueAt(full, path) ?? {}).map((key) => [path, key])),
  )('a key less: "%s" without %s', (path, key) => {
    const place = path === '' ? key : `${path}.${key}`;
    expect(parseLedger(JSON.stringify(without(full, place)))).toBeUndefined();
  });
});

test.each(vectors)('reads the golden vector $file', ({ vector }) => {
  expect(parseLedger(vector.text) ?? null).toEqual(vector.ledger);
});

test.each(vectors.filter(({ vector }) => vector.ledger !== null))(
  'writes the golden vector $file',
  ({ vector }) => {
    expect(formatLedger(vector.ledger ?? emptyLedger())).toBe(vector.text);
  },
);

it('reads what it writes, or it was none', () => {
  fc.assert(
    fc.property(fc.constantFrom(...pathsOf(full)), fc.jsonValue(), (path, value) => {
      const ledger = parseLedger(JSON.stringify(withValue(full, path, value as Json)));
      expect(ledger && parseLedger(formatLedger(ledger))).toEqual(ledger);
    }),
    { numRuns: 500 },
  );
});

it('can be read by a person', () => {
  expect(formatLedger(emptyLedger()).split('\n').length).toBeGreaterThan(15);
});

test.each<[what: string, text: string, isNewer: boolean]>([
  ['of the next version', '{"ledger_version":2,"totals":[]}', true],
  ['of this version', formatLedger(emptyLedger()), false],
  ['of no version', '{}', false],
  ['with a version that is text', '{"ledger_version":"2"}', false],
  ['that is torn', '{"ledger_version":2', false],
  ['that is null', 'null', false],
])('tells a newer ledger from damage: one %s', (_, text, isNewer) => {
  expect(isNewerLedger(text)).toBe(isNewer);
});
