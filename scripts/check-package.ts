// Packs the package as it would be published, and uses it as a stranger would: in an empty folder,
// with the machine's own Node and nothing of this repository around.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  checkCommand,
  checkFlush,
  checkLibrary,
  checkDefaultOff,
  checkNode,
  checkTypes,
  install,
} from './package/installed.ts';
import { checkSamples } from './package/samples.ts';
import {
  checkFiles,
  checkManifest,
  checkPublication,
  checkResolution,
  checkSize,
  pack,
  type Tarball,
} from './package/tarball.ts';

const { values } = parseArgs({
  options: {
    // The version that the machine's Node has to be, for a caller that has put one on the PATH.
    node: { type: 'string' },
    // Another run checks this one as a whole: only what depends on the Node is left.
    tarball: { type: 'string' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-package-'));
try {
  if (values.node !== undefined) await checkNode(values.node);
  const given = values.tarball;
  const tarball = given === undefined ? await packAndCheck() : { path: given };
  const consumer = await install(tarball, folder);
  await checkCommand(consumer);
  await checkLibrary(consumer);
  await checkFlush(consumer);
  await checkSamples(tarball, folder);
  if (given === undefined) {
    await checkTypes(consumer);
    await checkDefaultOff(consumer);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function packAndCheck(): Promise<Tarball> {
  const tarball = await pack(folder);
  checkFiles(tarball);
  checkSize(tarball);
  await checkManifest(tarball);
  await checkResolution(tarball);
  await checkPublication(tarball);
  return tarball;
}
