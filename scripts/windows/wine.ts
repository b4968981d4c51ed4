import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A Windows of its own, in a temporary folder. */
export interface Prefix {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Installs wine where it is missing, with Debian's own tool; root's rights are asked for by sudo.
 *
 * @throws Error when it cannot be installed.
 */
export function installWine(): void {
  if (isThere('wine')) return;
  if (!isThere('apt-get')) {
    throw new Error('windows: wine is not installed, and there is no apt-get to install it with.');
  }
  console.log('Set-up: wine is missing, installing it …');
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  for (const args of [
    ['update', '-qq'],
    ['install', '-qq', '--yes', '--no-install-recommends', 'wine', 'wine64'],
  ]) {
    const [program = '', ...rest] = [...asRoot, 'apt-get', ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const { status, stdout, stderr } = spawnSync(program, rest, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`windows: wine cannot be installed:\n${stdout}${stderr}`);
  }
}

function isThere(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/**
 * Makes a Windows 10 below `folder`. Nothing of the user's own wine is touched.
 *
 * @throws Error when wine cannot make one.
 */
export async function openPrefix(folder: string): Promise<Prefix> {
  const prefix = join(folder, 'prefix');
  await mkdir(prefix);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Without these two, wine offers to download what no scene needs.
    WINEDLLOVERRIDES: 'mscoree=;mshtml=',
    // Names of files are in any alphabet.
    LC_ALL: 'C.UTF-8',
  };
  // Node does not start on the Windows 7 that a new prefix is.
  const code = await wine(['winecfg', '-v', 'win10'], env, join(folder, 'winecfg.txt'));
  if (code !== 0) throw new Error(`windows: wine cannot make a prefix (${code}).`);
  return { folder, env };
}

/** Runs Node to its end, under wine. Returns its exit code and all that it printed. */
export async function runNode(
  { folder, env }: Prefix,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const file = join(folder, 'output.txt');
  const code = await wine(args, env, file);
  return { code, output: readFileSync(file, 'utf8') };
}

/** Ends all that runs in the prefix. */
export function closePrefix({ env }: Prefix): void {
  spawnSync('wineserver', ['--kill'], { env, stdio: 'ignore' });
}

/** The path of a file of this machine, as a program under wine sees it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** Standard streams are files: a Node under wine ends at the first use of a pipe from outside. */
async function wine(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  file: string,
): Promise<number> {
  const output = openSync(file, 'w');
  try {
    const child = spawn('wine', args, { env, stdio: ['ignore', output, output] });
    const [code]: (number | null)[] = await once(child, 'exit');
    return code ?? 1;
  } finally {
    closeSync(output);
  }
}
