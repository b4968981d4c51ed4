// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machinePath, machineProgram, modules, pinnedNode, root } from './paths.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage */

/**
 * Runs `npm ci` when node_modules is not what package-lock.json asks for.
 *
 * @throws Error when the installation fails or leaves no pinned Node.
 */
export function ensureInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  if (wanted === null) throw new Error('package-lock.json is missing or not readable.');
  if (existsSync(pinnedNode) && isInstalled(wanted, installedPackages())) return;

  console.log('Set-up: dependencies are missing or out of date, running npm ci …');
  // Only errors are shown: the tools ask for a newer Node than the machine may have, and get it.
  // The shell is for Windows, where npm is a script.
  const { status } = spawnSync(
    `"${machineProgram('npm')}" ci --no-audit --no-fund --loglevel=error`,
    {
      cwd: root,
      stdio: 'inherit',
      shell: true,
      env: { ...process.env, PATH: machinePath() },
    },
  );
  if (status !== 0) throw new Error('Set-up: npm ci failed.');
  if (!existsSync(pinnedNode)) {
    throw new Error(
      'Set-up: the install script of the package `node` did not run. If install scripts are off ' +
        'on this machine: npm rebuild node esbuild workerd --ignore-scripts=false',
    );
  }
}

/** What npm last put there and is still there; null when it never finished. */
function installedPackages() {
  const packages = packagesOf(join(modules, '.package-lock.json'));
  if (packages === null) return null;
  return Object.fromEntries(
    Object.entries(packages).filter(([path]) => existsSync(join(root, path))),
  );
}

/**
 * True when every wanted package is present in the wanted version. A package that is optional may
 * be absent: most are for other platforms.
 *
 * @param {Record<string, LockedPackage>} wanted
 * @param {Record<string, LockedPackage> | null} installed
 */
export function isInstalled(wanted, installed) {
  if (installed === null) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    // The entry of the project itself, which npm does not list as installed.
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity;
  });
}

/**
 * @param {string} lockFile
 * @returns {Record<string, LockedPackage> | null}
 */
function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? null;
  } catch {
    // Missing or cut short: as good as not installed.
    return null;
  }
}
