import * as v from 'valibot';
import { describe, expect, it, test } from 'vitest';
import { openEvent } from '../../contract/ledger.ts';
import { languages, targets } from '../../contract/report/lists.ts';
import { type LifecycleFacts, toFrameEvent } from './lifecycle.ts';

const index: LifecycleFacts['index'] = { languages: ['go'], fileCount: 317, durationMs: 12_345 };
const install: LifecycleFacts['install'] = { targets: ['claude'], scope: 'global', kind: 'fresh' };

/** The event of an index run, when the allowlist takes it. */
function indexed(facts: Partial<LifecycleFacts['index']>): unknown {
  const event = toFrameEvent('index', { ...index, ...facts });
  if (event !== undefined) v.parse(openEvent, { event: event[0], props: event[1] });
  return event?.[1];
}

describe('an index', () => {
  it('without languages is none', () => {
    expect(indexed({ languages: [] })).toBeUndefined();
  });

  test.each<[what: string, facts: Partial<LifecycleFacts['index']>, expected: object]>([
    [
      'has classes in place of numbers',
      {},
      { file_count_bucket: '100-1k', duration_bucket: '10-60s' },
    ],
    ['has each language once', { languages: ['go', 'c', 'go'] }, { languages: ['go', 'c'] }],
    [
      'has no strange language',
      { languages: ['klingon', 'go', 'alice'] },
      { languages: ['other', 'go'] },
    ],
    ['has no prototype', { languages: ['__proto__', 'constructor'] }, { languages: ['other'] }],
    [
      'of nothing in no time is small',
      { fileCount: 0, durationMs: 0 },
      { file_count_bucket: '<100', duration_bucket: '<10s' },
    ],
  ])('%s', (_, facts, expected) => {
    expect(indexed(facts)).toMatchObject(expected);
  });

  describe.each(['fileCount', 'durationMs'] as const)('is none when its %s is', (fact) => {
    test.each<[what: string, value: unknown]>([
      ['missing', undefined],
      ['null', null],
      ['not a number', NaN],
      ['infinite', Infinity],
      ['minus infinite', -Infinity],
      ['negative', -5],
      ['a text', '317'],
      ['a list', [317]],
      ['a big integer', 317n],
      ['a boolean', true],
    ])('%s', (_, value) => {
      expect(indexed({ [fact]: value })).toBeUndefined();
    });
  });

  it('has 32 languages and no more, the first ones', () => {
    expect(indexed({ languages })).toMatchObject({ languages: languages.slice(0, 32) });
  });
});

test.each<[what: string, facts: object]>([
  ['without a scope', { scope: undefined }],
  ['of a scope that is none', { scope: 'everywhere' }],
  ['without a kind', { kind: undefined }],
  ['of a kind that is none', { kind: ['fresh'] }],
])('an install %s is none', (_, facts) => {
  expect(toFrameEvent('install', { ...install, ...facts })).toBeUndefined();
});

it('an install and an uninstall name agents of the list, and no others', () => {
  expect(toFrameEvent('install', { ...install, targets: ['claude', 'alice', 'bob'] })).toEqual([
    'install',
    { targets: ['claude', 'other'], scope: 'global', kind: 'fresh' },
  ]);
  expect(toFrameEvent('uninstall', { targets: [] })).toEqual(['uninstall', { targets: [] }]);
  expect(toFrameEvent('uninstall', { targets: [...targets, 'alice'] })).toEqual([
    'uninstall',
    { targets: [...targets] },
  ]);
});
