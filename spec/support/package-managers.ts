import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fetchPackage } from '../../scripts/set-up/fetch-package.ts';
import { machinePath, machineProgram } from '../../scripts/set-up/paths.mjs';
import type { TestHome } from './home.ts';
import { dist, engine, modules } from './paths.ts';
import { run } from './programs.ts';

/** A way to install packages: what npm and pnpm do for one user, or for one project. */
export interface PackageManager {
  /** Where it puts commands. It is the first directory of the PATH. */
  readonly bin: string;
  /** The environment of all that is run there: it reaches no registry. */
  readonly env: NodeJS.ProcessEnv;
  install(...tarballs: readonly string[]): Promise<void>;
  remove(name: string): Promise<void>;
  /** Empties the project and installs what its lock file says. */
  installFromLock(): Promise<void>;
}

export const managerNames = ['npm -g', 'npm', 'pnpm -g', 'pnpm'] as const;

export type ManagerName = (typeof managerNames)[number];

/** One of them, in a directory of its own. */
export async function openManager(
  home: TestHome,
  name: ManagerName,
  directory = name.replace(' ', ''),
): Promise<PackageManager> {
  const isGlobal = name.endsWith(' -g');
  const isPnpm = name.startsWith('pnpm');
  const folder = join(home.root, directory);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const bin = join(folder, ...(isGlobal ? ['bin'] : ['node_modules', '.bin']));
  const env = {
    HOME: home.home,
    PATH: [bin, machinePath()].join(delimiter),
    PNPM_HOME: bin,
    npm_config_prefix: folder,
    npm_config_cache: join(home.root, 'cache'),
    ...(isPnpm && { npm_config_store_dir: join(home.root, 'store') }),
    npm_config_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    CODEGRAPH_TELEMETRY: '0',
    CODEGRAPH_NO_UPDATE_CHECK: '1',
    CODEGRAPH_NO_DOWNLOAD: '1',
  };
  const program = isPnpm ? [process.execPath, await fetchPnpm()] : [machineProgram('npm')];
  const manage = async (...args: readonly string[]): Promise<void> => {
    const [file = '', ...rest] = [...program, ...args, ...(isGlobal ? ['--global'] : [])];
    const { code, stdout, stderr } = await run(file, rest, { env, cwd: folder });
    if (code !== 0) throw new Error(`${file} ${rest.join(' ')}\n${stdout}${stderr}`);
  };
  return {
    bin,
    env,
    install: (...tarballs) => manage(isPnpm ? 'add' : 'install', ...tarballs),
    remove: (removed) => manage(isPnpm ? 'remove' : 'uninstall', removed),
    installFromLock: async () => {
      rmSync(join(folder, 'node_modules'), { recursive: true });
      await manage(...(isPnpm ? ['install', '--frozen-lockfile'] : ['ci']));
    },
  };
}

async function fetchPnpm(): Promise<string> {
  const folder = await fetchPackage(
    'pnpm@10.34.9',
    'sha512-9JtajqD97bRLs8DB1ldQkqU8KVDZW3rRXfEfF5dId6LeOgHAfpNOmyjOcW5RwJqUlixzBtCb4uHksYqMh2L9Mg==',
  );
  return join(folder, 'bin', 'pnpm.cjs');
}

/** Packs what was built as this version. Returns the tarball's path. */
export async function packFront(home: TestHome, version: string): Promise<string> {
  const folder = join(home.root, `front-${version}`);
  mkdirSync(folder);
  cpSync(dist, join(folder, 'dist'), { recursive: true });
  return await pack(folder, { ...readManifest(join(dist, '..', 'package.json')), version });
}

/**
 * Packs the engine's npm package as this version. In the place of its 120 MB for this platform is a
 * script that tells the version, and runs the real engine only to `upgrade`.
 */
export async function packEngine(home: TestHome, version: string): Promise<string> {
  const folder = join(home.root, `engine-${version}`);
  cpSync(join(modules, '@colbymchenry', 'codegraph'), folder, { recursive: true });
  const name = `@colbymchenry/codegraph-${process.platform}-${process.arch}`;
  const platform = join(folder, 'node_modules', name);
  mkdirSync(join(platform, 'bin'), { recursive: true });
  writeFileSync(join(platform, 'package.json'), JSON.stringify({ name, version }));
  writeFileSync(join(platform, 'bin', 'codegraph'), launcherOf(version));
  chmodSync(join(platform, 'bin', 'codegraph'), 0o755);
  const manifest = readManifest(join(folder, 'package.json'));
  return await pack(folder, { ...manifest, version, dependencies: { [name]: version } });
}

function launcherOf(version: string): string {
  return `#!/bin/sh
case " $* " in *' --no-telemetry '*) echo "error: unknown option '--no-telemetry'" >&2; exit 1;; esac
[ "$1" = upgrade ] && exec '${engine}' "$@"
echo '${version}'
`;
}

type Manifest = Readonly<Record<string, object | string>>;

function readManifest(path: string): Manifest {
  const {
    optionalDependencies: _platforms,
    devDependencies: _tools,
    scripts: _scripts,
    ...manifest
  } = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  return manifest;
}

/** What `npm pack` writes, in a tenth of its time, with the dependencies inside. */
async function pack(folder: string, manifest: Manifest): Promise<string> {
  const bundleDependencies = Object.keys(manifest['dependencies'] ?? {});
  const text = JSON.stringify({ ...manifest, bundleDependencies });
  writeFileSync(join(folder, 'package.json'), text);
  const tarball = `${folder}.tgz`;
  const args = ['-czhf', tarball, '--transform', 's,^\\.,package,', '-C', folder, '.'];
  const { code, stderr } = await run('tar', args, { env: process.env });
  if (code !== 0) throw new Error(stderr);
  return tarball;
}
