// The tarball's own test on each Node that the package promises to run on: `npm run every-node`, or
// `-- --ends` for the oldest and the newest alone. Which they are stands in set-up/nodes.ts.
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pack } from './package/tarball.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { fetchNode, triedVersions } from './set-up/nodes.ts';
import { machinePath, pinnedNode, root } from './set-up/paths.mjs';
import { twoAtOnce } from './two-at-once.ts';

const { values } = parseArgs({ options: { ends: { type: 'boolean', default: false } } });

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('every-node: only for Linux on x64. Elsewhere, run npm run package on each Node.');
  process.exit(2);
}
const versions = triedVersions('linux-x64');
const asked = values.ends ? [versions[0], versions.at(-1)] : versions;

const folder = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-nodes-'));
try {
  const { path } = await pack(folder);
  await twoAtOnce(
    asked.filter((known) => known !== undefined),
    // What is the same on every Node is looked at once, with the oldest.
    async (version) => await report(version, version === versions[0] ? [] : ['--tarball', path]),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function report(version: string, args: readonly string[]): Promise<void> {
  const start = performance.now();
  const { code, output } = await testTarball(version, args);
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  console.log(`Node ${version.padEnd(9)} ${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  if (code !== 0) {
    console.error(output);
    process.exitCode = 1;
  }
}

/** Runs it with this Node as the machine's own. */
async function testTarball(version: string, args: readonly string[]): Promise<CommandResult> {
  const node = await fetchNode('linux-x64', version);
  // Of its own, because what lies below node_modules does not count as the machine's.
  const bin = join(folder, version);
  await mkdir(bin);
  await symlink(node, join(bin, 'node'));
  const env = { ...process.env, PATH: `${bin}${delimiter}${machinePath()}` };
  const script = join(root, 'scripts', 'check-package.ts');
  return await runCommand(pinnedNode, [script, '--node', version, ...args], { cwd: root, env });
}
