import * as v from 'valibot';
import { describe, expect, it, test } from 'vitest';
import { envelope } from '../contract/report/allowlist.ts';
import {
  defaultEndpoint,
  describeMachine,
  findEndpoint,
  findPaths,
  readNetwork,
} from './environment.ts';

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

test.each<[platform: string, arch: string, os: string, processor: string]>([
  ['darwin', 'arm64', 'darwin', 'arm64'],
  ['win32', 'x64', 'win32', 'x64'],
  ['haiku', 'vax', 'other', 'other'],
])('on %s and %s the report says %s and %s', (platform, arch, os, processor) => {
  const machine = { platform, arch } as Pick<NodeJS.Process, 'platform' | 'arch'>;
  expect(describeMachine('1.6.1', {}, machine)).toMatchObject({ os, arch: processor });
});

it('says five things', () => {
  expect(Object.keys(describeMachine('1.6.1', process.env))).toEqual([
    'codegraph_version',
    'os',
    'arch',
    'node_major',
    'ci',
  ]);
});

test.each([undefined, '', ' '])('an endpoint variable of %j is unset', (value) => {
  expect(findEndpoint({ CODEGRAPH_TELEMETRY_ENDPOINT: value })).toBe(defaultEndpoint);
});

const proxies = { HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'localhost', HTTP_PROXY: '' };
const used = { HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'localhost' };

test.each<[what: string, env: NodeJS.ProcessEnv, execArgv: string[], network: object]>([
  ['nothing', {}, [], { usesSystemCa: false }],
  ['proxies, but not to use them', proxies, [], { usesSystemCa: false }],
  [
    'to use proxies, by the variable',
    { ...proxies, NODE_USE_ENV_PROXY: '1' },
    [],
    { proxyEnv: used },
  ],
  ['to use proxies, by the flag', proxies, ['--use-env-proxy'], { proxyEnv: used }],
  ['the system’s certificates, by the flag', {}, ['--use-system-ca'], { usesSystemCa: true }],
  [
    'the system’s certificates, by NODE_OPTIONS',
    { NODE_OPTIONS: '--no-warnings  --use-system-ca' },
    [],
    { usesSystemCa: true },
  ],
  [
    'the system’s certificates, by the variable',
    { NODE_USE_SYSTEM_CA: '1' },
    [],
    { usesSystemCa: true },
  ],
  [
    'the variable’s opposite',
    { NODE_USE_SYSTEM_CA: '0', NODE_USE_ENV_PROXY: '0' },
    [],
    { usesSystemCa: false },
  ],
])('hands over what Node was told of the network: %s', (_, env, execArgv, network) => {
  const found = readNetwork({ SECRET: 'alice', ...env }, execArgv);
  expect(found).toEqual({ proxyEnv: undefined, usesSystemCa: false, ...network });
});

describe('the files are where the platform keeps them, with its separator:', () => {
  const windows = { USERPROFILE: 'C:\\Users\\ada', ProgramData: 'D:\\Data', HOME: '/cygwin' };
  const profile = { dataDir: 'C:\\Users\\ada\\.codegraph' };
  it.each<[name: string, platform: NodeJS.Platform, env: NodeJS.ProcessEnv, paths: unknown]>([
    [
      'on Windows',
      'win32',
      windows,
      { ...profile, policyFile: 'D:\\Data\\codegraph\\telemetry.json' },
    ],
    [
      'on Windows, with slashes in the variable',
      'win32',
      { ...windows, USERPROFILE: 'C:/Users/ada' },
      { ...profile, policyFile: 'D:\\Data\\codegraph\\telemetry.json' },
    ],
    [
      'on Windows, with no folder for all users named',
      'win32',
      { USERPROFILE: 'C:\\Users\\ada' },
      { ...profile, policyFile: 'C:\\ProgramData\\codegraph\\telemetry.json' },
    ],
    ['on Windows, with a relative home', 'win32', { USERPROFILE: 'ada' }, undefined],
    ...(['linux', 'darwin', 'freebsd'] as const).map(
      (platform): [string, NodeJS.Platform, NodeJS.ProcessEnv, unknown] => [
        `on ${platform}`,
        platform,
        { ...windows, HOME: '/nowhere/ada' },
        { dataDir: '/nowhere/ada/.codegraph', policyFile: '/etc/codegraph/telemetry.json' },
      ],
    ),
  ])('%s', (_, platform, env, paths) => {
    expect(findPaths(env, platform)).toEqual(paths);
  });
});
