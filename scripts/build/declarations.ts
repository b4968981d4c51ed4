import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { modules, pinnedNode, root } from '../set-up/paths.mjs';
import { libraryEntries } from './bundles.ts';

/**
 * Writes the declarations: one self-contained file for each entry of the library. It stands under
 * the CommonJS name, and the ES module's name leads to it, so that the text is there once.
 *
 * @throws Error when the compiler fails.
 */
export async function writeDeclarations(outDir: string): Promise<void> {
  const folder = await mkdtemp(join(modules, '.cache', 'types-'));
  try {
    compile(folder);
    for (const [name, source] of Object.entries(libraryEntries)) {
      const text = await rollUp(join(folder, source.replace(/\.ts$/, '.d.ts')));
      await writeFile(join(outDir, `${name}.d.cts`), text);
      await writeFile(join(outDir, `${name}.d.ts`), `export * from './${name}.cjs';\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function compile(outDir: string): void {
  const compiler = join(modules, 'typescript', 'bin', 'tsc');
  const project = ['-p', 'tsconfig.build.json', '--outDir', outDir];
  const { status } = spawnSync(pinnedNode, [compiler, ...project], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('The declarations could not be written.');
}

const silent = { info: ignore, warn: ignore, error: ignore };

function ignore(): void {}

/** One declaration file with everything that it imports, types of packages included. */
async function rollUp(input: string): Promise<string> {
  const tsconfig = join(root, 'tsconfig.build.json');
  await using bundle = await rolldown({
    input,
    cwd: root,
    logLevel: 'silent',
    external: /^node:/,
    plugins: [dts({ dtsOnly: true, generator: 'oxc', tsconfig, logger: silent })],
  });
  const { output } = await bundle.generate({ format: 'es' });
  const [{ code }, ...more] = output;
  if (more.length > 0) throw new Error(`The declarations of ${input} are more than one file.`);
  return code;
}
