import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../command-line.ts';
import { type InstallLine, readInstallLine } from './install-line.ts';

function read(line: string): InstallLine {
  return readInstallLine(readCommandLine(line.split(' '), {}));
}

describe('what is read', () => {
  test.each<[line: string, expected: Partial<InstallLine>]>([
    [
      'install',
      { target: undefined, scope: 'global', hasLocation: false, isYes: false, isAside: false },
    ],
    ['install --target a,b --location local', { target: 'a,b', scope: 'local', hasLocation: true }],
    ['install --target=a -llocal', { target: 'a', scope: 'local', hasLocation: true }],
    ['install -yit all', { isYes: true, hasInit: true, target: 'all' }],
    ['install --print-config cursor', { isAside: true }],
    ['install --refresh', { isAside: true }],
    ['install -t none', { isAside: true }],
    ['install -l nowhere', { isAside: true }],
    ['install --telemetry local', { telemetry: 'local' }],
    ['install --telemetry=on', { telemetry: 'on' }],
    ['install --telemetry', { telemetry: '' }],
    ['install --target --yes', { target: '--yes', isYes: false }],
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
    ['uninstall --remove-cli --keep-cli', 'uninstall --keep-cli'],
  ])('of `%s` is `%s`', (line, expected) => {
    expect(read(line).args.join(' ')).toBe(expected);
  });
});
