import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { modules } from '../set-up/paths.mjs';

/**
 * The licenses of the packages that were bundled, as one text: a copy has to carry them.
 *
 * @throws Error when a bundled package has no license file.
 */
export async function collectLicenses(metafiles: readonly Metafile[]): Promise<string> {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.keys(output.inputs)),
  );
  const names = new Set(
    inputs.flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []),
  );
  const texts = await Promise.all([...names].toSorted().map(readLicense));
  return `Parts of these packages are bundled.\n\n${texts.join('\n\n')}\n`;
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
