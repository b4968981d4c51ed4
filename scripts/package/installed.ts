import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { buildPackage } from '../build/package.ts';
import { type CommandResult, runCommand } from '../run-command.ts';
import { withSealedEnvironment } from '../sealed-environment.ts';
import { machinePath, machineProgram, modules, pinnedNode } from '../set-up/paths.mjs';
import type { Tarball } from './tarball.ts';

/** An otherwise empty folder that has the package installed. */
interface Consumer {
  readonly folder: string;
}

const library = `import { openTelemetry } from 'codegraph-telemetry';

const telemetry = openTelemetry({ version: '1.6.1' });
telemetry.count('cli_command', 'query', { ok: true });
process.stdout.write('ran to its end');
`;

// Yesterday's count is due today. The ingest is in the same process: it has nothing else to wait for.
const flush = `import { createServer } from 'node:http';
import { openTelemetry } from 'codegraph-telemetry';

const bodies = [];
const server = createServer(async (request, response) => {
  bodies.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
  response.writeHead(204).end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const endpoint = \`http://127.0.0.1:\${server.address().port}/\`;
const now = () => Date.now() - 86_400_000;
const yesterday = openTelemetry({ version: '1.6.1', endpoint, now });
yesterday.count('cli_command', 'query');
yesterday.persist();
const { outcome, detail } = await openTelemetry({ version: '1.6.1', endpoint }).flush({ timeoutMs: 30_000 });
const [body] = bodies;
process.stdout.write([outcome, detail, bodies.length, body?.node_major, body?.events.length].join(' '));
process.exit(0);
`;

const types = `import { openTelemetry } from 'codegraph-telemetry';
import { countCommands } from 'codegraph-telemetry/commander';
import { report } from 'codegraph-telemetry/contract';

openTelemetry({ version: '1.6.1' });
export const all: readonly object[] = [countCommands, report];
// @ts-expect-error The options have types: a number is no version.
openTelemetry({ version: 1 });
`;

/**
 * Installs the package into an empty folder below `folder`, as a user would, on the machine's Node.
 *
 * @throws Error when npm refuses, when a dependency does not run on this Node, or when any of them
 * would run a script on the user's machine.
 */
export async function install(tarball: Pick<Tarball, 'path'>, folder: string): Promise<Consumer> {
  const consumer = join(folder, 'consumer');
  await mkdir(consumer);
  await writeFile(join(consumer, 'package.json'), '{ "type": "module", "private": true }\n');
  const npm = `"${machineProgram('npm')}" install --engine-strict --prefer-offline`;
  const quiet = '--no-audit --no-fund --loglevel=error';
  const result = await runCommand(`${npm} ${quiet} "${tarball.path}"`, [], {
    cwd: consumer,
    env: { ...process.env, PATH: machinePath() },
    shell: true,
  });
  if (result.code !== 0) throw new Error(`The package does not install:\n${result.output}`);

  const lock: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(
    await readFile(join(consumer, 'node_modules', '.package-lock.json'), 'utf8'),
  );
  const scripted = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript);
  if (scripted.length > 0) {
    throw new Error(`Install scripts would reach users: ${scripted.map(([path]) => path).join()}`);
  }
  return { folder: consumer };
}

/**
 * Compiles a program against the published declarations, in both ways a project may resolve them.
 *
 * @throws Error with what the compiler says.
 */
export async function checkTypes({ folder }: Consumer): Promise<void> {
  await writeFile(join(folder, 'types.ts'), types);
  const compiler = join(modules, 'typescript', 'bin', 'tsc');
  for (const module of [['nodenext'], ['esnext', '--moduleResolution', 'bundler']]) {
    const args = [
      '--noEmit',
      '--strict',
      '--target',
      'es2023',
      '--types',
      '',
      '--module',
      ...module,
    ];
    const result = await runCommand(pinnedNode, [compiler, ...args, 'types.ts'], {
      cwd: folder,
      env: process.env,
    });
    if (result.code !== 0) throw new Error(`Types (${module.join(' ')}):\n${result.output}`);
  }
}

/**
 * Checks which Node the machine has.
 *
 * @throws Error when it is another than `version`.
 */
export async function checkNode(version: string): Promise<void> {
  const { output } = await runCommand(machineProgram('node'), ['--version'], { env: process.env });
  if (output.trim() !== `v${version}`) {
    throw new Error(`The machine's Node is ${output.trim()}, expected v${version}.`);
  }
}

/**
 * Runs `codegraph-telemetry status`.
 *
 * @throws Error when it fails, prints nothing, or leaves a file behind.
 */
export async function checkCommand(consumer: Consumer): Promise<void> {
  const { result, counted } = await runSealed(consumer, 'codegraph-telemetry', ['status'], '0');
  if (result.code !== 0 || result.output.trim() === '' || counted.length > 0) {
    throw new Error(`codegraph-telemetry status ended with ${result.code}:\n${result.output}`);
  }
}

/**
 * Runs a five-line host, once with telemetry on and once with it off.
 *
 * @throws Error when it fails, when its count is not on disk, or when off is not off.
 */
export async function checkLibrary(consumer: Consumer): Promise<void> {
  await writeFile(join(consumer.folder, 'library.js'), library);
  for (const choice of ['1', '0']) {
    const node = machineProgram('node');
    const { result, counted } = await runSealed(consumer, node, ['library.js'], choice);
    if (result.code !== 0 || result.output !== 'ran to its end') {
      throw new Error(`The library's host ended with ${result.code}:\n${result.output}`);
    }
    if (counted.length > 0 !== (choice === '1')) {
      throw new Error(`CODEGRAPH_TELEMETRY=${choice} left: ${counted.join() || 'nothing'}`);
    }
  }
}

/**
 * Has a host send one report to itself, through the thread and the sandbox.
 *
 * @throws Error when it does not arrive, once and whole.
 */
export async function checkFlush(consumer: Consumer): Promise<void> {
  await writeFile(join(consumer.folder, 'flush.js'), flush);
  const { result } = await runSealed(consumer, machineProgram('node'), ['flush.js'], '1');
  const { output: version } = await runCommand(machineProgram('node'), ['--version'], {
    env: process.env,
  });
  const major = Number.parseInt(version.slice(1), 10);
  if (result.code !== 0 || result.output !== `sent  1 ${major} 1`) {
    throw new Error(`The flush of the library's host ended with ${result.code}:\n${result.output}`);
  }
}

/**
 * Puts a distributor's build in the place of ours.
 *
 * @throws Error when a default-off build counts without a choice.
 */
export async function checkDefaultOff(consumer: Consumer): Promise<void> {
  const dist = join(consumer.folder, 'node_modules', 'codegraph-telemetry', 'dist');
  await buildPackage(dist, 'default-off');
  await expectStatus(consumer, {}, 'off');
  await expectStatus(consumer, { CODEGRAPH_TELEMETRY: '1' }, 'on');
}

async function expectStatus(
  { folder }: Consumer,
  choice: Readonly<Record<string, string>>,
  mode: string,
): Promise<void> {
  await withSealedEnvironment(async (sealed) => {
    const env = Object.fromEntries(
      Object.entries(sealed).filter(([name]) => name !== 'CODEGRAPH_TELEMETRY'),
    );
    const args = ['status', '--json'];
    const bin = join(folder, 'node_modules', '.bin');
    const result = await runCommand('codegraph-telemetry', args, {
      cwd: folder,
      env: { ...env, ...choice, PATH: `${bin}${delimiter}${machinePath()}` },
      shell: process.platform === 'win32',
    });
    const status: { mode?: string } = JSON.parse(result.output);
    if (status.mode !== mode) throw new Error(`Expected mode ${mode}:\n${result.output}`);
  });
}

/** Runs a program in a home of its own; `counted` are the files with content it left there. */
async function runSealed(
  { folder }: Consumer,
  program: string,
  args: readonly string[],
  choice: string,
): Promise<{ result: CommandResult; counted: string[] }> {
  return withSealedEnvironment(async (env, home) => {
    const bin = join(folder, 'node_modules', '.bin');
    const result = await runCommand(program, args, {
      cwd: folder,
      env: {
        ...env,
        CODEGRAPH_TELEMETRY: choice,
        PATH: `${bin}${delimiter}${machinePath()}`,
      },
      shell: process.platform === 'win32',
    });
    return { result, counted: await filledFiles(join(home, '.codegraph', 'telemetry')) };
  });
}

async function filledFiles(folder: string): Promise<string[]> {
  // No folder is what "off" leaves.
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return names.filter((_, index) => sizes[index] !== 0);
}
