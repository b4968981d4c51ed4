// Writes dist: the bundles, the frozen guest and the type declarations.
//
// It is built beside the old one and then put in its place, so that a failed build leaves what was
// there, and a running program never sees half of it.
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildPolicy, buildPolicies } from '../contract/consent.ts';
import { buildPackage } from './build/package.ts';
import { digestInputs, stampFile } from './set-up/build.mjs';
import { root } from './set-up/paths.mjs';

const dist = join(root, 'dist');

await mkdir(join(root, 'node_modules', '.cache'), { recursive: true });
const staging = await mkdtemp(join(root, 'node_modules', '.cache', 'dist-'));
try {
  // Taken first: a source that changes while we build makes the result out of date.
  const digest = digestInputs();
  await buildPackage(staging, readPolicy());
  await writeFile(join(staging, stampFile), digest);
  await chmod(staging, 0o755);
  await rm(dist, { recursive: true, force: true });
  await rename(staging, dist);
  await printSizes();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(staging, { recursive: true, force: true });
}

/** The policy that a distributor builds in by `TELEMETRY_POLICY`; our own when it is not set. */
function readPolicy(): BuildPolicy {
  const wish = process.env['TELEMETRY_POLICY'] ?? 'default-on';
  const policy = buildPolicies.find((known) => known === wish);
  if (policy !== undefined) return policy;
  throw new Error(`TELEMETRY_POLICY is ${wish}; expected one of ${buildPolicies.join(', ')}.`);
}

async function printSizes(): Promise<void> {
  const print = (name: string, bytes: number): void =>
    console.log(`  ${name.padEnd(24)}${(bytes / 1000).toFixed(1).padStart(9)} kB`);
  for (const name of await readdir(dist, { recursive: true })) {
    if (/\.(?:c?js|mjs)$/.test(name)) print(name, (await stat(join(dist, name))).size);
  }
}
