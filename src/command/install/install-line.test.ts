import { describe, expect, it, test } from 'vitest';
import { readCommandLine } from '../command-line.ts';
import { decidedArgs, type InstallLine, readInstallLine, readTargets } from './install-line.ts';

function read(line: string): InstallLine {
  return readInstallLine(readCommandLine(line.split(' '), {}));
}

describe('what is read', () => {
  test.each<[line: string, expected: Partial<InstallLine>]>([
    ['install', { target: undefined, location: undefined, isYes: false, isAside: false }],
    ['install --target a,b --location local', { target: 'a,b', location: 'local' }],
    ['install --target=a -llocal', { target: 'a', location: 'local' }],
    ['install -yit all', { isYes: true, hasInit: true, target: 'all' }],
    ['install --no-permissions', { mayAllowTools: false }],
    ['install --print-config cursor', { isAside: true }],
    ['install --refresh', { isAside: true }],
    ['install -t none', { isAside: true }],
    ['install --telemetry local', { telemetry: 'local' }],
    ['install --telemetry=on', { telemetry: 'on' }],
    ['install --telemetry', { telemetry: '' }],
    ['install --target --yes', { target: '--yes', isYes: false }],
    ['uninstall', { removesCommand: undefined }],
    ['uninstall --keep-cli', { removesCommand: false }],
    ['uninstall --remove-cli', { removesCommand: true }],
    ['uninstall --remove-cli --keep-cli', { removesCommand: false }],
  ])('of `%s`', (line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });
});

describe('what goes to the engine', () => {
  test.each([
    ['install --telemetry off --yes', 'install --yes'],
    ['install --yes --telemetry=off -t a', 'install --yes -t a'],
    ['install --telemetry', 'install'],
    ['install -t --telemetry', 'install -t --telemetry'],
    ['install --unknown --yes', 'install --unknown --yes'],
    ['install -- --telemetry off', 'install -- --telemetry off'],
    ['uninstall --yes', 'uninstall --keep-cli --yes'],
    ['--quiet uninstall', '--quiet uninstall --keep-cli'],
    ['uninstall --remove-cli', 'uninstall'],
  ])('of `%s` is `%s`', (line, expected) => {
    expect(read(line).args.join(' ')).toBe(expected);
  });

  it('has what was decided, and says nothing twice', () => {
    const decided = { target: 'a', location: 'local' };

    expect(decidedArgs(read('install'), decided).join(' ')).toBe(
      'install --target a --location local --yes',
    );
    expect(decidedArgs(read('install -t b --init -- x'), decided).join(' ')).toBe(
      'install --location local --yes -t b --init -- x',
    );
  });
});

test.each([
  ['all', 11],
  ['auto', 11],
  ['cursor', 1],
  ['cursor, claude,', 2],
  ['cursor,nobody', undefined],
  ['Cursor', undefined],
])('--target %s means so many agents: %s', (target, count) => {
  expect(readTargets(target)?.length).toBe(count);
});
