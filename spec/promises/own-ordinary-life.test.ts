import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machinePath } from '../../scripts/set-up/paths.mjs';
import { openHome, type TestHome } from '../support/home.ts';
import { dist, modules } from '../support/paths.ts';
import { type Ended, run } from '../support/programs.ts';

/** Beside the engine for life: whatever is installed, updated or removed, it is known who counts. */

// Windows has no links to attach by.
describe.skipIf(process.platform === 'win32')('with both packages in one npm prefix', () => {
  let home: TestHome;
  let bin: string;

  beforeAll(async () => {
    home = openHome();
    bin = join(home.root, 'prefix', 'bin');
    await pack('front', '0.1.0');
    await pack('engine', '1.6.1');
    await pack('engine', '1.6.2');
    writeNpm();
  });

  afterAll(() => {
    home[Symbol.dispose]();
  });

  const steps: readonly {
    readonly what: string;
    readonly act: () => Promise<unknown>;
    readonly by: 'engine' | 'front';
  }[] = [
    { what: 'the engine is installed, and the front', act: installBoth, by: 'engine' },
    { what: 'attach', act: () => own('attach'), by: 'front' },
    { what: 'attach again', act: () => own('attach'), by: 'front' },
    { what: 'the engine is updated by npm', act: () => install('engine-1.6.2'), by: 'engine' },
    { what: 'attach', act: () => own('attach'), by: 'front' },
    { what: 'the front is reinstalled', act: () => install('front-0.1.0'), by: 'front' },
    { what: 'an upgrade through the front', act: upgrade, by: 'front' },
    { what: 'detach', act: () => own('detach'), by: 'engine' },
    { what: 'detach again', act: () => own('detach'), by: 'engine' },
    { what: 'attach', act: () => own('attach'), by: 'front' },
    { what: 'the engine is removed and installed', act: replaceEngine, by: 'engine' },
  ];

  it.each(steps)(
    'codegraph works after: $what; the $by counts, and status says so',
    async ({ act, by }) => {
      await act();

      expect(await codegraph('version')).toMatchObject({ code: 0, stdout: '1.6.1\n' });
      const { stdout } = await own('status', '--json');
      const { countedBy }: { countedBy: { by: string; warning: string | null } } =
        JSON.parse(stdout);
      expect(countedBy.by).toBe(by);
      expect(countedBy.warning?.includes('codegraph-telemetry attach') ?? false).toBe(
        by === 'engine',
      );
    },
  );

  it('the engine goes on after the front is removed, also with --no-telemetry', async () => {
    await own('attach');
    await npm('uninstall', '-g', 'codegraph-telemetry');

    expect(existsSync(join(bin, 'codegraph-telemetry'))).toBe(false);
    expect(await codegraph('version')).toMatchObject({ code: 0, stdout: '1.6.1\n' });
    expect(await codegraph('version', '--no-telemetry')).toMatchObject({ code: 0 });

    await install('front-0.1.0');
    await own('detach');
    expect(readlinkSync(join(bin, 'codegraph'))).toContain('@colbymchenry/codegraph');
  });

  it('there is a way to off after the engine is removed, and what was attached is cleared away', async () => {
    await own('attach');
    await npm('uninstall', '-g', '@colbymchenry/codegraph');

    expect((await own('off')).code).toBe(0);
    expect((await own('status')).stdout).toContain('nothing: there is no codegraph on your PATH');
    expect(await own('attach')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm install -g @colbymchenry/codegraph'),
    });
    expect((await own('detach')).code).toBe(0);
    expect(existsSync(join(bin, '.codegraph-telemetry'))).toBe(false);
  });

  function settings(): { env: NodeJS.ProcessEnv; cwd: string } {
    const env = {
      HOME: home.home,
      PATH: [join(home.root, 'bin'), bin, machinePath()].join(delimiter),
      npm_config_prefix: join(home.root, 'prefix'),
      npm_config_cache: join(home.root, 'cache'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
      CODEGRAPH_TELEMETRY: '0',
      CODEGRAPH_NO_UPDATE_CHECK: '1',
    };
    return { env, cwd: home.root };
  }

  async function npm(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await run('npm', args, settings());
    if (code !== 0) throw new Error(stderr);
    linkDependencies();
  }

  async function install(name: string): Promise<void> {
    await npm('install', '-g', join(home.root, `${name}.tgz`));
  }

  async function installBoth(): Promise<void> {
    await install('engine-1.6.1');
    await install('front-0.1.0');
  }

  async function replaceEngine(): Promise<void> {
    await npm('uninstall', '-g', '@colbymchenry/codegraph');
    await install('engine-1.6.1');
  }

  async function upgrade(): Promise<void> {
    const { code, stderr } = await codegraph('upgrade', '1.6.2');
    linkDependencies();
    expect(code).toBe(0);
    expect(stderr).toContain('codegraph-telemetry took its place again');
  }

  function codegraph(...args: readonly string[]): Promise<Ended> {
    return run(join(bin, 'codegraph'), args, settings());
  }

  function own(...args: readonly string[]): Promise<Ended> {
    return run(join(bin, 'codegraph-telemetry'), args, settings());
  }

  /** A tarball without dependencies, which are linked in: one of them is 120 MB. */
  async function pack(name: 'front' | 'engine', version: string): Promise<void> {
    const folder = join(home.root, name);
    if (name === 'front') {
      mkdirSync(folder);
      cpSync(dist, join(folder, 'dist'), { recursive: true });
      cpSync(join(dist, '..', 'package.json'), join(folder, 'package.json'));
    } else {
      cpSync(join(modules, '@colbymchenry', 'codegraph'), folder, { recursive: true });
    }
    const file = join(folder, 'package.json');
    const {
      dependencies: _dependencies,
      optionalDependencies: _platforms,
      devDependencies: _tools,
      scripts: _scripts,
      ...manifest
    }: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...manifest, version }));
    const tarball = join(home.root, `${name}-${version}.tgz`);
    // What `npm pack` writes, in a tenth of its time.
    const args = ['-czf', tarball, '--transform', `s,^${name},package,`, '-C', home.root, name];
    const { code, stderr } = await run('tar', args, settings());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }

  function linkDependencies(): void {
    const global = join(home.root, 'prefix', 'lib', 'node_modules');
    const platform = `codegraph-${process.platform}-${process.arch}`;
    if (existsSync(join(global, '@colbymchenry', 'codegraph'))) {
      link(join('@colbymchenry', platform), global);
    }
    if (existsSync(join(global, 'codegraph-telemetry'))) {
      for (const name of ['@clack/prompts', 'commander', 'quickjs-wasi', 'valibot']) {
        link(name, join(global, 'codegraph-telemetry', 'node_modules'));
      }
    }
  }

  function link(name: string, folder: string): void {
    const path = join(folder, name);
    if (existsSync(path)) return;
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(modules, name), path);
  }

  /** The engine's `upgrade` asks npm for a version by its number; here npm has it from a file. */
  function writeNpm(): void {
    mkdirSync(join(home.root, 'bin'));
    const script = `#!/bin/sh
PATH=\${PATH#*:}
case "$*" in *@colbymchenry/codegraph@*) set -- install -g ${home.root}/engine-1.6.2.tgz;; esac
exec npm "$@"
`;
    writeFileSync(join(home.root, 'bin', 'npm'), script, { mode: 0o755 });
  }
});
