import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestHome } from './home.ts';
import { dist, engine } from './paths.ts';

/** What takes the place of the engine's own telemetry module. */
const replacement = `'use strict';
const { openEngineTelemetry } = require('codegraph-telemetry/engine');
const { version } = require('../../package.json');

module.exports = openEngineTelemetry({ version });
`;

/** The published engine, copied, with our module in the place of its own. Returns its launcher. */
export function copyEngine({ root }: TestHome): string {
  const from = dirname(dirname(engine));
  const to = join(root, 'engine');
  const code = join(to, 'lib', 'dist');
  mkdirSync(join(to, 'bin'), { recursive: true });
  cpSync(engine, join(to, 'bin', 'codegraph'));
  cpSync(join(from, 'lib', 'dist'), code, {
    recursive: true,
    filter: (path) => !path.endsWith('.map') && !path.includes('/viewer/assets'),
  });
  for (const name of ['node', 'lib/kernel', 'lib/node_modules', 'lib/package.json'])
    symlinkSync(join(from, name), join(to, name));
  mkdirSync(join(to, 'node_modules'));
  symlinkSync(dirname(dist), join(to, 'node_modules', 'codegraph-telemetry'));
  writeFileSync(join(code, 'telemetry', 'index.js'), replacement);
  return join(to, 'bin', 'codegraph');
}
