import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../spec/support/home.ts';
import { readEngineCommand } from './engine.ts';

type Machine = NonNullable<Parameters<typeof readEngineCommand>[2]>;

const launcher = 'exec "$DIR/node" --liftoff-only "$DIR/lib/dist/bin/codegraph.js" "$@"\n';
const entry = join('lib', 'dist', 'bin', 'codegraph.js');

const machines: readonly (readonly [Machine, program: string, flags: readonly string[]])[] = [
  [{ platform: 'linux', arch: 'x64' }, 'node', ['--liftoff-only']],
  [{ platform: 'darwin', arch: 'arm64' }, 'node', ['--liftoff-only']],
  [
    { platform: 'win32', arch: 'x64' },
    'node.exe',
    ['--liftoff-only', '--disable-warning=ExperimentalWarning'],
  ],
];

/** Commands in `bin`, as package managers write them for a package in `modules` beside it. */
const commands: Readonly<Record<string, (shim: string) => string>> = {
  'by npm for sh': (shim) => `  exec node  "$basedir/../modules/${shim}" "$@"\n`,
  'by npm for cmd.exe': (shim) =>
    `endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\..\\modules\\${shim.replaceAll('/', '\\')}" %*\r\n`,
  'by npm for PowerShell': (shim) => `  & "node$exe"  "$basedir/../modules/${shim}" $args\n`,
  'by pnpm for sh': (shim) => `  exec node  "$basedir/../modules/${shim}" "$@"\n`,
  'by pnpm for cmd.exe': (shim) =>
    `  node  "%~dp0\\..\\modules\\${shim.replaceAll('/', '\\')}" %*\r\n`,
};

/** A package of the engine, with the bundle for `machine` where package managers put it. */
function lay({ platform, arch }: Machine): { folder: string; bundle: string } {
  const folder = temporaryFolder();
  const scope = join(folder, 'modules', '@colbymchenry');
  const bundle = join(scope, `codegraph-${platform}-${arch}`);
  const files = {
    [join(scope, 'codegraph', 'package.json')]: '{ "version": "1.6.1" }',
    [join(scope, 'codegraph', 'npm-shim.js')]: '',
    [join(bundle, 'package.json')]: '{}',
    [join(bundle, 'lib', 'package.json')]: '{ "version": "1.6.1" }',
    [join(bundle, entry)]: '',
    [join(bundle, 'node.exe')]: '',
    [join(bundle, 'bin', 'codegraph')]: launcher,
    [join(bundle, 'bin', 'codegraph.cmd')]: '@"%~dp0..\\node.exe" "%~dp0..\\lib" %*\r\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  mkdirSync(join(folder, 'bin'));
  return { folder, bundle };
}

describe.each(machines)('on %o the engine is found behind', (machine, program, flags) => {
  const expected = (bundle: string): object => ({
    file: join(bundle, program),
    prefix: [...flags, join(bundle, entry)],
    version: '1.6.1',
  });

  it.each(Object.entries(commands))('a command written %s', (_, write) => {
    const { folder, bundle } = lay(machine);
    const command = join(folder, 'bin', 'codegraph');
    writeFileSync(command, `#!/bin/sh\n${write('@colbymchenry/codegraph/npm-shim.js')}`);

    expect(readEngineCommand(command, {}, machine)).toMatchObject(expected(bundle));
  });

  it.skipIf(process.platform === 'win32')('the link of npm', () => {
    const { folder, bundle } = lay(machine);
    const command = join(folder, 'bin', 'codegraph');
    symlinkSync('../modules/@colbymchenry/codegraph/npm-shim.js', command);

    expect(readEngineCommand(command, {}, machine)).toMatchObject(expected(bundle));
  });

  it('the command of a bundle that was installed by hand', () => {
    const { bundle } = lay(machine);
    const command = join(
      bundle,
      'bin',
      machine.platform === 'win32' ? 'codegraph.cmd' : 'codegraph',
    );

    expect(readEngineCommand(command, {}, machine)).toMatchObject(expected(bundle));
  });

  it('the npm shim alone, where the bundle is for another system', () => {
    const { folder } = lay({ platform: 'openbsd', arch: 'arm' });
    const shim = join(folder, 'modules', '@colbymchenry', 'codegraph', 'npm-shim.js');

    const env = { CODEGRAPH_INSTALL_DIR: folder };
    expect(readEngineCommand(shim, env, machine)).toMatchObject({
      file: process.execPath,
      prefix: [shim],
    });
  });
});
