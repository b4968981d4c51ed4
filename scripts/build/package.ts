import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type { BuildPolicy } from '../../contract/consent.ts';
import { modules } from '../set-up/paths.mjs';
import { bundleMainThread, bundleSenderThread } from './bundles.ts';
import { writeDeclarations } from './declarations.ts';
import { bundleGuest, freezeGuest, readEngine } from './guest.ts';
import { writeHashes } from './hashes.ts';
import { findHeavyImports } from './start-up.ts';

/**
 * Writes everything that is published into `outDir`, with a distributor's policy built in.
 *
 * @throws Error when a source does not build, or start-up would load what has to come late.
 */
export async function buildPackage(outDir: string, policy: BuildPolicy): Promise<void> {
  const mainThread = await bundleMainThread(outDir, policy);
  const guest = await bundleGuest();
  const image = { engine: await readEngine(), snapshot: await freezeGuest(guest.text) };
  const senderThread = await bundleSenderThread(outDir, policy, image);

  const heavy = findHeavyImports(mainThread);
  if (heavy.length > 0) {
    throw new Error(`Start-up must stay cheap; load these late, by import():\n${heavy.join('\n')}`);
  }
  await makeRunnable(join(outDir, 'codegraph.js'));
  await makeRunnable(join(outDir, 'codegraph-telemetry.js'));
  await writeFile(join(outDir, 'guest.js'), guest.text);
  await writeFile(
    join(outDir, 'THIRD-PARTY-LICENSES.txt'),
    await collectLicenses([mainThread, senderThread, guest.metafile]),
  );
  await writeDeclarations(outDir);
  await writeHashes(outDir);
}

async function makeRunnable(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  if (!text.startsWith('#!')) await writeFile(path, `#!/usr/bin/env node\n${text}`);
  await chmod(path, 0o755);
}

/**
 * The licenses of the packages that were bundled, as one text: a copy has to carry them.
 *
 * @throws Error when a bundled package has no license file.
 */
async function collectLicenses(metafiles: readonly Metafile[]): Promise<string> {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.keys(output.inputs)),
  );
  const names = new Set(
    inputs.flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []),
  );
  const texts = await Promise.all([...names].toSorted().map(readLicense));
  return `These packages are inside, in part or whole.\n\n${[...texts, await readEngineLicense()].join('\n\n')}\n`;
}

// QuickJS-ng is compiled into the WebAssembly module of quickjs-wasi, without its license.
async function readEngineLicense(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'quickjs-ng-license.txt'), 'utf8');
  return `== quickjs-ng\n\n${text.trim()}`;
}

async function readLicense(name: string): Promise<string> {
  const folder = join(modules, name);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} is bundled and has no license file.`);
  const manifest: { version: string } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const text = await readFile(join(folder, file), 'utf8');
  return `== ${name} ${manifest.version}\n\n${text.trim()}`;
}
