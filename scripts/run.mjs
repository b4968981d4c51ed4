// @ts-check
// The one entry of every npm script: `node scripts/run.mjs <task> [arguments]`.
//
// It runs on the machine's own Node (20 or newer) with nothing installed yet: it installs and
// builds when that is needed, says so, and hands over to the Node that is pinned as a dev
// dependency.
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ensureBuilt } from './set-up/build.mjs';
import { ensureInstalled } from './set-up/install.mjs';
import { binFolder, pinnedNode, root } from './set-up/paths.mjs';

/** @type {Record<string, { script: string, args?: string[], needsBuild?: boolean }>} */
const tasks = {
  start: { script: 'examples/story/main.ts', needsBuild: true },
  test: { script: 'scripts/test.ts', needsBuild: true },
  check: { script: 'scripts/check.ts' },
  build: { script: 'scripts/build.ts' },
  bench: { script: 'bench/main.ts', needsBuild: true },
  chaos: { script: 'spec/chaos/main.ts', needsBuild: true },
  fuzz: { script: 'spec/fuzz/main.ts' },
  simulate: { script: 'spec/simulation/main.ts' },
  docs: { script: 'scripts/docs.ts', needsBuild: true },
  picture: { script: 'examples/story/picture.ts', needsBuild: true },
  ingest: { script: 'worker/local/main.ts' },
  'ingest-load': { script: 'worker/local/load.ts' },
  'ingest-cpu': { script: 'worker/local/measure-cpu.ts' },
  'ingest-stats': { script: 'worker/local/ask-stats.ts' },
  'ingest-doctor': { script: 'worker/local/see-doctor.ts' },
  'ingest-ids': { script: 'worker/local/find-ids.ts' },
  'ingest-cost': { script: 'worker/local/print-cost.ts' },
  'ingest-types': { script: 'scripts/worker-types.ts' },
  windows: { script: 'scripts/windows.ts', needsBuild: true },
  'every-node': { script: 'scripts/every-node.ts', needsBuild: true },
  reproduce: { script: 'scripts/reproduce.ts' },
  'release:prepare': { script: 'scripts/release.ts' },
  fix: { script: 'scripts/check.ts', args: ['fix'] },
};

const [name = '', ...args] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
if (task === undefined) {
  console.error(`Usage: node scripts/run.mjs ${Object.keys(tasks).join('|')} [arguments]`);
  process.exit(2);
}

try {
  ensureInstalled();
  if (task.needsBuild) ensureBuilt();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

const child = spawn(pinnedNode, [join(root, task.script), ...(task.args ?? []), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${binFolder}${delimiter}${process.env['PATH'] ?? ''}` },
});

// A terminal sends Ctrl-C to both of us; the child decides how to end, we only report it.
process.on('SIGINT', () => {});
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => child.kill(signal));
}
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
