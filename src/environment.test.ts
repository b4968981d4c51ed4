import * as v from 'valibot';
import { expect, it, test } from 'vitest';
import { envelope } from '../contract/report/allowlist.ts';
import { describeMachine } from './environment.ts';

test.each<[ci: string | undefined, isCi: boolean]>([
  [undefined, false],
  ['', false],
  ['0', false],
  ['false', false],
  ['FALSE', false],
  ['true', true],
  ['1', true],
  ['woodpecker', true],
])('CI=%s is %s, and no word more', (ci, isCi) => {
  expect(describeMachine('1.6.1', { CI: ci })).toMatchObject({ ci: isCi });
});

test.each(['1.6.1', '1.7.0-beta.2', 'unknown', '1.6.1-alice', ''])(
  'is what the allowlist takes, for version %j',
  (version) => {
    const machine = describeMachine(version, {});
    const machine_id = 'e0f087a2-15fa-4a29-b614-2d43b12089a9';
    expect(v.is(envelope, { ...machine, machine_id })).toBe(true);
    expect(machine.codegraph_version).toBe(
      /^1\.\d\.\d(?:-beta\.2)?$/.test(version) ? version : 'other',
    );
  },
);

it('says five things', () => {
  expect(Object.keys(describeMachine('1.6.1', process.env))).toEqual([
    'codegraph_version',
    'os',
    'arch',
    'node_major',
    'ci',
  ]);
});
