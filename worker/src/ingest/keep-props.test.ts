import { describe, expect, it, test } from 'vitest';
import { type EventName, languages } from '../../../contract/report/lists.ts';
import { keepProps } from './keep-props.ts';

type Raw = Readonly<Record<string, unknown>>;

const usage = { kind: 'cli_command', name: 'query', count: 3, error_count: 1 };

describe('refuses an event', () => {
  test.each<[why: string, event: EventName, raw: Raw]>([
    ['usage without a kind', 'usage_rollup', { ...usage, kind: undefined }],
    ['usage of an unknown kind', 'usage_rollup', { ...usage, kind: 'constructor' }],
    ['usage without a name', 'usage_rollup', { ...usage, name: undefined }],
    ['usage whose name is no text', 'usage_rollup', { ...usage, name: ['query'] }],
    ['usage counted zero times', 'usage_rollup', { ...usage, count: 0 }],
    ['usage counted below zero', 'usage_rollup', { ...usage, count: -1 }],
    ['usage counted in halves', 'usage_rollup', { ...usage, count: 1.5 }],
    ['usage beyond a million', 'usage_rollup', { ...usage, count: 1_000_001 }],
    ['usage counted in text', 'usage_rollup', { ...usage, count: '3' }],
    ['install without a scope', 'install', { kind: 'fresh' }],
    ['install of an unknown kind', 'install', { scope: 'global', kind: 'stealth' }],
  ])('%s', (_, event, raw) => {
    expect(keepProps(event, raw)).toBeUndefined();
  });
});

describe('keeps what the lists have and nothing else', () => {
  test.each<[what: string, event: EventName, raw: Raw, kept: Raw]>([
    ['an alias is folded', 'usage_rollup', { ...usage, name: 'web' }, { ...usage, name: 'ui' }],
    [
      'an unknown command is other',
      'usage_rollup',
      { ...usage, name: '/home/someone' },
      { ...usage, name: 'other' },
    ],
    [
      'a reserved word is just another unknown name',
      'usage_rollup',
      { ...usage, name: '__proto__' },
      { ...usage, name: 'other' },
    ],
    [
      'a tool is not a command',
      'usage_rollup',
      { ...usage, name: 'codegraph_node' },
      { ...usage, name: 'other' },
    ],
    [
      'bad optional fields go',
      'usage_rollup',
      { ...usage, client_name: 7, client_version: 'main', error_count: -1, path: '/secret' },
      { ...usage, error_count: 0 },
    ],
    [
      'a client is named by its list, its version cut to two numbers',
      'usage_rollup',
      { ...usage, client_name: 'Visual Studio Code', client_version: '1.99.3-insider' },
      { ...usage, client_name: 'vscode', client_version: '1.99' },
    ],
    [
      'a name of the list stays, also where no client sends it',
      'usage_rollup',
      { ...usage, client_name: 'inspector' },
      { ...usage, client_name: 'inspector' },
    ],
    ['an empty index event', 'index', { languages: [], sqlite_backend: 'native' }, {}],
    [
      'unknown languages are one other',
      'index',
      { languages: ['go', 'klingon', 4, 'elvish', 'go'], file_count_bucket: '100-1k' },
      { languages: ['go', 'other'], file_count_bucket: '100-1k' },
    ],
    ['an unknown bucket goes', 'index', { duration_bucket: '3.7s' }, {}],
    ['uninit has no targets', 'uninstall', {}, {}],
    [
      'targets are folded',
      'uninstall',
      { targets: ['cursor', 'emacs'] },
      { targets: ['cursor', 'other'] },
    ],
  ])('%s', (_, event, raw, kept) => {
    expect(JSON.parse(JSON.stringify(keepProps(event, raw)))).toEqual(kept);
  });
});

it('cuts a list of languages that is too long instead of losing it', () => {
  expect(keepProps('index', { languages })).toEqual({ languages: languages.slice(0, 32) });
});
