import { readFileSync } from 'node:fs';
import { expect, it, test } from 'vitest';
import { type DataVersion, dataVersion, dataVersions, isAgreed } from './data-version.ts';
import { counterKinds, eventNames } from './report/lists.ts';

it('every event and every kind of counter came with exactly one version', () => {
  const added = dataVersions.flatMap(({ names }) => names);

  expect(added.toSorted()).toEqual([...eventNames, ...counterKinds].toSorted());
});

it('versions are in the order of their days, and each has its entry under Changes', () => {
  const days = dataVersions.map(({ since }) => since);
  const page = readFileSync(new URL('../TELEMETRY.md', import.meta.url), 'utf8');
  const changes = page.slice(page.indexOf('\n## Changes'));

  expect(days).toEqual(days.toSorted());
  for (const day of days) expect(changes).toContain(`\n### ${day}\n`);
  expect(dataVersion).toBe(dataVersions.length);
});

const grown: readonly DataVersion[] = [
  { since: '2026-01-01', added: 'commands', names: ['cli_command', 'usage_rollup'] },
  { since: '2026-02-01', added: 'tools', names: ['mcp_tool'] },
];

test.each([
  ['cli_command', 2, true],
  ['mcp_tool', 2, true],
  ['cli_command', 1, true],
  ['mcp_tool', 1, false],
  ['cli_command', 0, false],
  ['index', 2, false],
] as const)('%s under an answer to version %i: %s', (name, agreedTo, expected) => {
  expect(isAgreed(name, agreedTo, grown)).toBe(expected);
});
