// Other Nodes than the pinned one, as npm has them: the program alone, with no install script run.
import { join } from 'node:path';
import { fetchPackage } from './fetch-package.ts';

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
  const name = `${platform}@${version}`;
  const folder = await fetchPackage(`node-${name}`, hashes[name] ?? '');
  return join(folder, 'bin', platform === 'win-x64' ? 'node.exe' : 'node');
}
