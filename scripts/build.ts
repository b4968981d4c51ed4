// Writes dist: the bundles, the frozen guest and the type declarations.
//
// It is built beside the old one and then put in its place, so that a failed build leaves what was
// there, and a running program never sees half of it.
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleGuest, bundleMainThread, bundleSenderThread } from './build/bundles.ts';
import { collectLicenses } from './build/licenses.ts';
import { findHeavyImports } from './build/start-up.ts';
import { freezeGuest } from './freeze-guest.ts';
import { digestInputs, stampFile } from './set-up/build.mjs';
import { pinnedNode, root } from './set-up/places.mjs';

const dist = join(root, 'dist');

await mkdir(join(root, 'node_modules', '.cache'), { recursive: true });
const staging = await mkdtemp(join(root, 'node_modules', '.cache', 'dist-'));
try {
  // Taken first: a source that changes while we build makes the result out of date.
  const digest = digestInputs();
  await build(staging);
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

async function build(outDir: string): Promise<void> {
  const mainThread = await bundleMainThread(outDir);
  const senderThread = await bundleSenderThread(outDir);
  const guest = await bundleGuest();

  const heavy = findHeavyImports(mainThread);
  if (heavy.length > 0) {
    throw new Error(`Start-up must stay cheap; load these late, by import():\n${heavy.join('\n')}`);
  }
  await chmod(join(outDir, 'codegraph.js'), 0o755);
  await writeFile(join(outDir, 'guest.snapshot'), await freezeGuest(guest.text));
  await writeFile(
    join(outDir, 'THIRD-PARTY-LICENSES.txt'),
    await collectLicenses([mainThread, senderThread, guest.metafile]),
  );
  writeDeclarations(join(outDir, 'types'));
}

function writeDeclarations(outDir: string): void {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = ['-p', 'tsconfig.build.json', '--outDir', outDir];
  const { status } = spawnSync(pinnedNode, [compiler, ...project], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('The declarations could not be written.');
}

async function printSizes(): Promise<void> {
  for (const name of await readdir(dist)) {
    const { size } = await stat(join(dist, name));
    if (/\.(?:js|snapshot)$/.test(name)) {
      console.log(`  ${name.padEnd(24)}${(size / 1000).toFixed(1).padStart(9)} kB`);
    }
  }
}
