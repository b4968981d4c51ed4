// The tarball's own test on each Node that the package promises to run on: `npm run every-node`, or
// `-- --ends` for the oldest and the newest alone. Which they are stands in set-up/nodes.ts.
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from './run-command.ts';
import { fetchNode, triedVersions } from './set-up/nodes.ts';
import { machinePath, pinnedNode, root } from './set-up/paths.mjs';

const { values } = parseArgs({ options: { ends: { type: 'boolean', default: false } } });

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('every-node: only for Linux on x64. Elsewhere, run npm run package on each Node.');
  process.exit(2);
}
const versions = triedVersions('linux-x64');
const asked = values.ends ? [versions[0], versions.at(-1)] : versions;

for (const version of asked.filter((known) => known !== undefined)) {
  const start = performance.now();
  const { code, output } = await testTarball(version);
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  console.log(`Node ${version.padEnd(9)} ${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  if (code !== 0) {
    console.error(output);
    process.exitCode = 1;
  }
}

/** Runs it with this Node as the machine's own. */
async function testTarball(version: string): Promise<{ code: number; output: string }> {
  const node = await fetchNode('linux-x64', version);
  // Of its own, because what lies below node_modules does not count as the machine's.
  const bin = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-node-'));
  try {
    await symlink(node, join(bin, 'node'));
    const env = { ...process.env, PATH: `${bin}${delimiter}${machinePath()}` };
    const script = join(root, 'scripts', 'check-package.ts');
    return await runCommand(pinnedNode, [script, '--node', version], { cwd: root, env });
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
}
