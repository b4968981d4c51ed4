import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  cliNames,
  commands,
  counterKinds,
  gateCounters,
  languages,
  toolNames,
  tools,
} from './report/lists.ts';
import {
  commandAliases,
  durationBucket,
  fileCountBucket,
  findCommand,
  fold,
  foldName,
} from './fold.ts';

const strangers = [
  '',
  'Query',
  'query ',
  'query --json',
  '/home/alice/project',
  'other-than-that',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
];

describe('a name', () => {
  test.each(strangers)('%j is `other`, whatever its kind', (name) => {
    expect(foldName('cli_command', name)).toBe('other');
    expect(foldName('mcp_tool', name)).toBe('other');
    expect(findCommand(name)).toBeUndefined();
  });

  test.each([undefined, null, 7, {}, ['query'], Symbol('query')])('%s is `other`', (name) => {
    expect(foldName('cli_command', name)).toBe('other');
    expect(foldName('mcp_tool', name)).toBe('other');
  });

  it('of a tool is none of a command, and the other way round', () => {
    expect(foldName('cli_command', 'codegraph_search')).toBe('other');
    expect(foldName('mcp_tool', 'query')).toBe('other');
  });

  test.each([...commands, ...gateCounters])('%s stays', (name) => {
    expect(foldName('cli_command', name)).toBe(name);
  });

  test.each(tools)('%s stays', (name) => {
    expect(foldName('mcp_tool', name)).toBe(name);
  });

  test.each(Object.entries(commandAliases))('%s is %s', (alias, name) => {
    expect(foldName('cli_command', alias)).toBe(name);
    expect(findCommand(alias)).toBe(name);
    expect(foldName('mcp_tool', alias)).toBe('other');
  });

  test.each([...gateCounters, 'other'])('%s is no command that a user can type', (name) => {
    expect(findCommand(name)).toBeUndefined();
  });

  it('that comes out is on the list, whatever went in', () => {
    const known: Record<string, readonly string[]> = { cli_command: cliNames, mcp_tool: toolNames };
    fc.assert(
      fc.property(fc.constantFrom(...counterKinds), fc.anything(), (kind, name) => {
        expect(known[kind]).toContain(foldName(kind, name));
        expect(languages).toContain(fold(languages, name));
      }),
    );
  });
});

test.each([
  [0, '<100'],
  [99, '<100'],
  [100, '100-1k'],
  [999, '100-1k'],
  [1_000, '1k-10k'],
  [9_999, '1k-10k'],
  [10_000, '10k+'],
  [1e9, '10k+'],
])('%i files are %s', (count, bucket) => {
  expect(fileCountBucket(count)).toBe(bucket);
});

test.each([
  [0, '<10s'],
  [9_999, '<10s'],
  [10_000, '10-60s'],
  [59_999, '10-60s'],
  [60_000, '1-5m'],
  [299_999, '1-5m'],
  [300_000, '5m+'],
  [1e9, '5m+'],
])('%i ms are %s', (durationMs, bucket) => {
  expect(durationBucket(durationMs)).toBe(bucket);
});
