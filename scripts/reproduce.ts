// Whether the tarball is the same from two clones of this commit, built beside each other and packed
// by two Nodes: `npm run reproduce`. Anyone can do it with a published version; see docs/release.md.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { runCommand } from './run-command.ts';
import { fetchNode, triedVersions } from './set-up/nodes.ts';
import { machinePath, machineProgram, root } from './set-up/paths.mjs';

/** One clone's tarball. */
interface Packed {
  readonly path: string;
  /** Of the tarball as it is sent. */
  readonly sha512: string;
  /** Of what is in it, whatever compressed it. */
  readonly contents: string;
}

const { values } = parseArgs({ options: { out: { type: 'string' } } });

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('reproduce: only for Linux on x64, because the two Nodes are programs for it.');
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-reproduce-'));
try {
  // The second and the last: the oldest is for users, no longer for those who publish.
  const nodes = triedVersions('linux-x64');
  const head = await runOrThrow('git', ['rev-parse', 'HEAD'], root, process.env);
  const commit = head.trim();
  const packed: Packed[] = [];
  for (const [index, version] of [nodes.at(1), nodes.at(-1)].entries()) {
    if (version !== undefined)
      packed.push(await packClone(join(folder, `clone-${index}`), commit, version));
  }
  const [first, second] = packed;
  if (first === undefined || second === undefined) throw new Error('reproduce: no Nodes to use.');
  if (first.contents !== second.contents) {
    throw new Error('reproduce: the files of the two tarballs differ.');
  }
  if (first.sha512 !== second.sha512) {
    throw new Error('reproduce: the same files, compressed to other bytes.');
  }
  console.log(`Two clones, two Nodes, one tarball: sha512-${first.sha512}`);
  if (values.out !== undefined) await copyFile(first.path, values.out);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function packClone(clone: string, commit: string, version: string): Promise<Packed> {
  const bin = `${clone}-bin`;
  await mkdir(bin);
  await symlink(await fetchNode('linux-x64', version), join(bin, 'node'));
  const env = { ...process.env, PATH: `${bin}${delimiter}${machinePath()}` };
  const npm = machineProgram('npm');
  await runOrThrow('git', ['clone', '--quiet', '--no-hardlinks', root, clone], folder, env);
  await runOrThrow('git', ['checkout', '--quiet', '--detach', commit], clone, env);
  await runOrThrow(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], clone, env);
  // Its `prepack` builds.
  await runOrThrow(npm, ['pack', '--loglevel=error', '--pack-destination', bin], clone, env);
  const manifest: { name: string; version: string } = JSON.parse(
    await readFile(join(clone, 'package.json'), 'utf8'),
  );
  const path = join(bin, `${manifest.name}-${manifest.version}.tgz`);
  const bytes = await readFile(path);
  console.log(`Node ${version}: ${bytes.length} bytes, sha512-${hash(bytes)}`);
  return { path, sha512: hash(bytes), contents: hash(gunzipSync(bytes)) };
}

function hash(bytes: Uint8Array): string {
  return createHash('sha512').update(bytes).digest('base64');
}

async function runOrThrow(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { code, output } = await runCommand(program, args, { cwd, env });
  if (code !== 0) throw new Error(`reproduce: ${program} ${args.join(' ')}\n${output}`);
  return output;
}
