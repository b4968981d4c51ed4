import { build } from 'esbuild';

/** A Worker as one module, as wrangler would bundle it. */
export async function bundle(main: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [main],
    bundle: true,
    format: 'esm',
    target: 'es2023',
    loader: { '.md': 'text' },
    conditions: ['workerd', 'worker', 'browser'],
    write: false,
  });
  return outputFiles.map(({ text }) => text).join('');
}
