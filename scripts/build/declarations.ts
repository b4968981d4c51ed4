import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from '@typescript/typescript6';
import { type Plugin, rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { modules, pinnedNode, root } from '../set-up/paths.mjs';
import { libraryEntries } from './bundles.ts';
import { plainSchemas } from './plain-schemas.ts';

/**
 * Writes the declarations: one self-contained file for each entry of the library. It stands under
 * the CommonJS name, and the ES module's name leads to it, so that the text is there once.
 *
 * @throws Error when the compiler fails.
 */
export async function writeDeclarations(outDir: string): Promise<void> {
  // Outside of node_modules, whose files the bundler leaves as they are.
  const folder = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-types-'));
  try {
    compile(folder);
    await symlink(modules, join(folder, 'node_modules'), 'junction');
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

/** What another entry declares already, by the name of its file as a sibling. */
const library = { source: /[\\/]src[\\/]telemetry(?:\.d)?\.ts$/, file: './index.cjs' };

/** One declaration file with everything that it imports, types of packages included. */
async function rollUp(input: string): Promise<string> {
  const isLibrary = input.endsWith('index.d.ts');
  const bundle = await rollup({
    input,
    // The library's own types are those of the first entry, in each.
    external: (id) => id.startsWith('node:') || (!isLibrary && library.source.test(id)),
    plugins: [
      plainTypes,
      dts({
        includeExternal: ['valibot'],
        // For the plugin's own compiler: the files name each other by `.ts`.
        compilerOptions: { allowImportingTsExtensions: true, noEmit: true, types: [] },
      }),
    ],
  });
  try {
    const { output } = await bundle.generate({
      format: 'es',
      paths: (id) => (library.source.test(id) ? library.file : id),
    });
    const [{ code }, ...more] = output;
    if (more.length > 0) throw new Error(`The declarations of ${input} are more than one file.`);
    return code;
  } finally {
    await bundle.close();
  }
}

const plainTypes: Plugin = {
  name: 'plain-types',
  async load(id) {
    if (/[\\/]contract[\\/]report[\\/]allowlist\.d\.ts$/.test(id)) return plainSchemas(id);
    // Packages lose their comments: whoever reads them has them elsewhere. Ours do not.
    if (!/[\\/]node_modules[\\/].*\.d\.m?ts$/.test(id)) return null;
    const source = ts.createSourceFile(id, await readFile(id, 'utf8'), ts.ScriptTarget.Latest);
    return ts.createPrinter({ removeComments: true }).printFile(source);
  },
};
