import type { Plugin } from 'esbuild';

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An import statement reads every export of
 * such a module, and some are getters that load what nobody asked for: with node:fs come its
 * promises and streams (4 ms of every start-up), with node:http comes undici (40 ms of the sender
 * thread). Measured on Node 24.
 */
export const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  setup(plugin) {
    plugin.onResolve({ filter: /^node:/ }, ({ path, kind }) => ({
      path,
      namespace: kind === 'require-call' ? 'builtin-whole' : 'builtin',
      sideEffects: false,
    }));
    plugin.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: exportPlainly(path),
    }));
    // What `require` returns is read only where it is used, and may be used whole.
    plugin.onLoad({ filter: /./, namespace: 'builtin-whole' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
    }));
  },
};

/** A module with the exports that are plain values; which ones are used is left to the bundler. */
function exportPlainly(path: string): string {
  const properties = Object.getOwnPropertyDescriptors(process.getBuiltinModule(path as 'node:fs'));
  const names = Object.entries(properties)
    .filter(([name, property]) => 'value' in property && name !== 'default' && !/\W/.test(name))
    .map(([name]) => name);
  return [
    `const builtin = process.getBuiltinModule('${path}');`,
    'const pick = (name) => builtin[name];',
    'export default builtin;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ pick('${name}');`),
  ].join('\n');
}
