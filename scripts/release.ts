// Makes what a release consists of: `npm run release:prepare -- --tag v1.2.3 --out release`. Publishes
// nothing. docs/release.md says what comes before and after.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from './run-command.ts';
import { findNotes } from './release/notes.ts';
import { machinePath, machineProgram, pinnedNode, root } from './set-up/paths.mjs';

const { values } = parseArgs({
  options: { tag: { type: 'string' }, out: { type: 'string', default: 'release' } },
});

try {
  const { version }: { version: string } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  if (values.tag !== `v${version}`) {
    throw new Error(`release: the tag is ${values.tag ?? 'missing'}, expected v${version}.`);
  }
  const notes = findNotes(await readFile(join(root, 'CHANGELOG.md'), 'utf8'), version);
  const out = join(root, values.out);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'notes.md'), notes);

  const tarball = join(out, 'package.tgz');
  await runOrThrow(pinnedNode, [join(root, 'scripts', 'reproduce.ts'), '--out', tarball]);
  // What `codegraph-telemetry verify` prints the hash of.
  const list = ['-xzOf', tarball, 'package/dist/hashes.json'];
  await writeFile(join(out, 'hashes.json'), await runOrThrow('tar', list));
  const sbom = await runOrThrow(machineProgram('npm'), [
    'sbom',
    '--omit=dev',
    '--sbom-format=cyclonedx',
  ]);
  await writeFile(join(out, 'sbom.cdx.json'), sbom);
  const sums = ['package.tgz', 'hashes.json'].map(async (name) => {
    const bytes = await readFile(join(out, name));
    const [sha512, sha256] = ['sha512', 'sha256'].map((algorithm) =>
      createHash(algorithm).update(bytes).digest('hex'),
    );
    return `${name}\n  sha512 ${sha512}\n  sha256 ${sha256}\n`;
  });
  await writeFile(join(out, 'HASHES.txt'), (await Promise.all(sums)).join(''));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function runOrThrow(program: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, PATH: machinePath() };
  const { code, output } = await runCommand(program, args, { cwd: root, env });
  if (code !== 0) throw new Error(`release: ${program} ${args.join(' ')}\n${output}`);
  return output;
}
