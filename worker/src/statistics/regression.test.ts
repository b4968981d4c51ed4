import { expect, it, test } from 'vitest';
import { findRegressions, type Cell } from './regression.ts';
import { newestFirst } from './versions.ts';

const cell = (version: string, machines: number, failing: number): Cell => ({
  metric: 'tool_version',
  value: `codegraph_impact ${version}`,
  machines,
  uses: machines,
  errors: failing,
  failing,
});

test.each<[string, Cell[], number]>([
  ['three times as many machines fail', [cell('1.7.1', 1_000, 150), cell('1.7.0', 1_000, 50)], 1],
  ['as many fail', [cell('1.7.1', 1_000, 50), cell('1.7.0', 1_000, 50)], 0],
  ['fewer fail', [cell('1.7.1', 1_000, 50), cell('1.7.0', 1_000, 150)], 0],
  ['a third more fail', [cell('1.7.1', 100_000, 6_600), cell('1.7.0', 100_000, 5_000)], 0],
  ['it may be chance', [cell('1.7.1', 250, 10), cell('1.7.0', 250, 5)], 0],
  ['there are too few', [cell('1.7.1', 199, 100), cell('1.7.0', 1_000, 5)], 0],
  [
    'a forged version has one machine',
    [cell('9.9.9', 1, 1), cell('1.7.1', 1_000, 50), cell('1.7.0', 1_000, 50)],
    0,
  ],
  [
    'the version before is not the last by letters',
    [cell('1.10.0', 1_000, 150), cell('1.9.0', 1_000, 50)],
    1,
  ],
])('when %s', (_, cells, found) => {
  expect(findRegressions(cells)).toHaveLength(found);
});

it('orders versions as releases follow each other', () => {
  const versions = ['other', '1.9.0', '1.10.0', '1.10.0-rc.2', '1.10.0-rc.1', '2.0.0'];
  expect(versions.toSorted(newestFirst)).toEqual([
    '2.0.0',
    '1.10.0',
    '1.10.0-rc.2',
    '1.10.0-rc.1',
    '1.9.0',
    'other',
  ]);
});
