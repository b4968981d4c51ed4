import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { machinePath, machineProgram, modules } from './paths.mjs';

/**
 * The folder of a package, `name@version`, without its dependencies and with no script of it run.
 * Fetched once, and kept beside the installed packages.
 *
 * @throws Error when npm cannot fetch it, or it has another hash than when it was chosen.
 */
export async function fetchPackage(name: string, hash: string): Promise<string> {
  const cache = join(modules, '.cache', 'packages');
  const folder = join(cache, name);
  const unpacked = join(folder, 'package');
  if (existsSync(unpacked)) return unpacked;

  console.log(`Set-up: fetching ${name} …`);
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(join(cache, 'new-'));
  try {
    await unpack(name, hash, staging);
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return unpacked;
}

async function unpack(name: string, hash: string, folder: string): Promise<void> {
  const npm = `"${machineProgram('npm')}" pack --json --loglevel=error --no-update-notifier`;
  const output = await runOrThrow(`${npm} --pack-destination "${folder}" ${name}`, folder);
  const [packed]: { filename: string }[] = JSON.parse(output);
  const tarball = join(folder, packed?.filename ?? '');
  const found = createHash('sha512').update(await readFile(tarball));
  if (`sha512-${found.digest('base64')}` !== hash) {
    throw new Error(`Set-up: ${name} is not the one that was chosen.`);
  }
  await runOrThrow(`tar -xzf "${tarball}" -C "${folder}"`, folder);
  await rm(tarball);
}

async function runOrThrow(command: string, cwd: string): Promise<string> {
  const env = { ...process.env, PATH: machinePath() };
  const { code, output } = await runCommand(command, [], { cwd, env, shell: true });
  if (code !== 0) throw new Error(`Set-up: ${command}\n${output}`);
  return output;
}
