// Other Nodes than the pinned one, as npm has them: the program alone, with no install script run.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { machinePath, machineProgram, modules } from './paths.mjs';

// What the registry said when these versions were chosen: what it sends later has to be the same.
// The oldest is the one that package.json asks for; of the others, the newest of each line.
const hashes: Readonly<Record<string, string>> = {
  'linux-x64@20.19.0':
    'sha512-HzVYgEgabV/n3nP2F9mcxS0Nxgg99jynX9CMovakLmSYTuTdQRbbtw0yadY8+qKcqXfiDAtb2hmtR7nDPzclGA==',
  'linux-x64@22.23.3':
    'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  'linux-x64@24.21.0':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'linux-x64@26.10.0':
    'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  'win-x64@20.20.2':
    'sha512-JCwLL25UBIyiXLXUN6dfb/AMZTBtV5LUugV+DpurEn3uAM/GKm7Z/rgR4aV5Z76UHSbzK4n43ox6GTvsOAoNxA==',
  'win-x64@22.23.3':
    'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
};

/** Versions that are tried on `platform`, oldest first. */
export function triedVersions(platform: 'linux-x64' | 'win-x64'): readonly string[] {
  const prefix = `${platform}@`;
  return Object.keys(hashes).flatMap((name) =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  );
}

/**
 * The path of Node in this version. Fetched once, and kept beside the installed packages.
 *
 * @throws Error when npm cannot fetch it, or it is not the one that was chosen.
 */
export async function fetchNode(
  platform: 'linux-x64' | 'win-x64',
  version: string,
): Promise<string> {
  const cache = join(modules, '.cache', 'nodes');
  const folder = join(cache, `${platform}-${version}`);
  const program = join(folder, 'package', 'bin', platform === 'win-x64' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;

  console.log(`Set-up: fetching Node ${version} for ${platform} …`);
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(join(cache, 'new-'));
  try {
    await unpack(`${platform}@${version}`, staging);
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return program;
}

async function unpack(name: string, folder: string): Promise<void> {
  const npm = `"${machineProgram('npm')}" pack --json --loglevel=error --no-update-notifier`;
  const output = await runOrThrow(`${npm} --pack-destination "${folder}" node-${name}`, folder);
  const [packed]: { filename: string }[] = JSON.parse(output);
  const tarball = join(folder, packed?.filename ?? '');
  const hash = createHash('sha512').update(await readFile(tarball));
  if (`sha512-${hash.digest('base64')}` !== hashes[name]) {
    throw new Error(`Set-up: node-${name} is not the one that was chosen.`);
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
