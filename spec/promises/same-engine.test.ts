import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Ended, run } from '../support/programs.ts';
import { settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { copyPackage } from '../support/package-copy.ts';
import { engine } from '../support/paths.ts';

/** The front starts what the engine's own launcher would have started, with the same arguments. */

const scope = join('node_modules', '@colbymchenry');
const bundleName = `codegraph-${process.platform}-${process.arch}`;

interface Installed {
  readonly front: string;
  readonly launcher: string;
}

/** Our package, and beside it an engine whose Node only says how it was called. */
function install(home: TestHome, folder: string): Installed {
  const front = copyPackage(home);
  const modules = dirname(dirname(front));
  const manifest = join(modules, scope, 'codegraph', 'package.json');
  const bundle = join(modules, folder, bundleName);
  const launcher = join(bundle, 'bin', 'codegraph');
  for (const path of [manifest, launcher]) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(manifest, '{ "version": "1.6.1" }');
  writeFileSync(join(bundle, 'package.json'), '{}');
  writeProgram(join(bundle, 'node'), 'echo "$CODEGRAPH_HOST_PPID: $0 $*"');
  copyFileSync(engine, launcher);
  return { front, launcher };
}

function writeProgram(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

async function runBoth(home: TestHome, { front, launcher }: Installed): Promise<Ended[]> {
  const options = settings(home, { env: { CODEGRAPH_TELEMETRY: '0' } });
  const args = ['query', '--limit', 'two words'];
  return [
    await run(launcher, args, options),
    await run(process.execPath, [front, ...args], options),
  ];
}

describe.skipIf(process.platform === 'win32')('the engine of an installation', () => {
  it.each([
    ['that npm has made', scope],
    ['with the bundle inside of the engine', join(scope, 'codegraph', scope)],
  ])('%s', async (_, folder) => {
    using home = openHome();
    const [byLauncher, byFront] = await runBoth(home, install(home, folder));

    expect(byLauncher?.stdout).toMatch(/^\d+: .*codegraph\.js query --limit two words\n$/);
    expect(byFront).toEqual(byLauncher);
  });

  it('whose launcher does more than ours knows of', async () => {
    using home = openHome();
    const installed = install(home, scope);
    writeProgram(installed.launcher, 'MODE=new; exec echo "$MODE $*"');
    const [byLauncher, byFront] = await runBoth(home, installed);

    expect(byLauncher?.stdout).toBe('new query --limit two words\n');
    expect(byFront).toEqual(byLauncher);
  });
});
