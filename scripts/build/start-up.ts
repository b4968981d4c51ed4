import type { Metafile } from 'esbuild';
import { entries } from './bundles.ts';

// What a host must not pay for when it merely imports us or passes a command through. Measured on
// Node 24: node:crypto 6 ms, piscina 16 ms, msgpackr 16 to 25 ms.
const heavy = [
  '@clack/prompts',
  'commander',
  'msgpackr',
  'node:crypto',
  'node:http',
  'node:http2',
  'node:https',
  'piscina',
  'quickjs-wasi',
  'valibot',
];

// The contract is valibot schemas, for readers of reports; no host loads it at start.
const { contract: _exempt, ...started } = entries;

/** Every heavy module that an entry loads before anything asked for it, one line each. */
export function findHeavyImports({ outputs }: Metafile): string[] {
  return Object.entries(started).flatMap(([name, source]) => {
    const path = Object.keys(outputs).find((output) => outputs[output]?.entryPoint === source);
    if (path === undefined) throw new Error(`${source} was not built.`);
    const imported = staticImports(path, outputs);
    return heavy
      .filter((module) => imported.has(module))
      .map((module) => `  ${name}.js loads ${module} at start`);
  });
}

/** The packages that are loaded together with the output at `path`, bundled ones included. */
function staticImports(
  path: string,
  outputs: Metafile['outputs'],
  seen = new Set<string>(),
): Set<string> {
  const output = outputs[path];
  if (output === undefined || seen.has(path)) return seen;
  seen.add(path);
  for (const input of Object.keys(output.inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)|^builtin(?:-whole)?:(.+)$/.exec(input);
    if (name !== null) seen.add(name[1] ?? name[2]!);
  }
  for (const { path: target, kind, external } of output.imports) {
    if (kind !== 'import-statement') continue;
    if (external) seen.add(target);
    else staticImports(target, outputs, seen);
  }
  return seen;
}
