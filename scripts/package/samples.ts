import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { readPart } from '../docs/markdown.ts';
import { runCommand } from '../run-command.ts';
import { withSealedEnvironment } from '../sealed-environment.ts';
import { machinePath, machineProgram, modules } from '../set-up/paths.mjs';
import type { Tarball } from './tarball.ts';

/** What a newcomer copies from the README, and what it imports beside our package. */
const samples = [
  { name: 'commander', args: ['sync'], beside: 'commander' },
  { name: 'mcp-sdk', args: [], beside: '@modelcontextprotocol/sdk' },
  { name: 'mcp-by-hand', args: [], beside: undefined },
] as const;

const countYesterday = `import { openTelemetry } from 'codegraph-telemetry';
const now = () => Date.now() - 86_400_000;
const yesterday = openTelemetry({ version: '1.6.1', now });
yesterday.count('cli_command', 'query');
await yesterday.close();
`;

// A busy machine needs a while to start a program; a sample that never sends must fail all the same.
const arrivalMs = 60_000;

/**
 * Walks the path of a newcomer: installs the package into an empty folder, copies each sample from
 * the README of the package as it stands, and sees yesterday's counts arrive.
 *
 * @throws Error naming the sample from which no report comes.
 */
export async function checkSamples({ path }: Pick<Tarball, 'path'>, folder: string): Promise<void> {
  const newcomer = join(folder, 'newcomer');
  await mkdir(newcomer);
  await writeFile(join(newcomer, 'package.json'), '{ "type": "module", "private": true }\n');
  const beside = samples.flatMap(({ beside: name }) => name ?? []);
  const specs = await Promise.all(beside.map(async (name) => `${name}@${await versionOf(name)}`));
  const npm = `"${machineProgram('npm')}" install --prefer-offline --no-audit --no-fund --loglevel=error`;
  const options = { cwd: newcomer, env: { ...process.env, PATH: machinePath() }, shell: true };
  const { code, output } = await runCommand(`${npm} "${path}" ${specs.join(' ')}`, [], options);
  if (code !== 0) throw new Error(`The samples' packages do not install:\n${output}`);
  await writeFile(join(newcomer, 'yesterday.js'), countYesterday);
  const readme = join(newcomer, 'node_modules', 'codegraph-telemetry', 'README.md');
  const page = await readFile(readme, 'utf8');
  for (const { name, args } of samples) {
    const [, sample] = /```ts\n(.*?)```/s.exec(readPart(page, name) ?? '') ?? [];
    if (sample === undefined) throw new Error(`The README has no sample ${name}.`);
    // The oldest Node that we run on reads no types.
    const { code: program } = await transform(sample, { loader: 'ts' });
    await writeFile(join(newcomer, `${name}.js`), program);
    await expectReport(newcomer, `${name}.js`, args);
  }
}

async function versionOf(name: string): Promise<string> {
  const manifest = await readFile(join(modules, name, 'package.json'), 'utf8');
  const { version }: { version: string } = JSON.parse(manifest);
  return version;
}

/**
 * Runs the program after a day that counted one query, until the report of that day is there. A command
 * has a second for it, which a busy machine may not give: then it runs again, in a home like the first.
 */
async function expectReport(cwd: string, file: string, args: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(arrivalMs);
  try {
    let body: string | undefined;
    while (body === undefined) body = await reportOf(cwd, [file, ...args], signal);
    const { events }: { events: { props: object }[] } = JSON.parse(body);
    const counted = JSON.stringify(events.map(({ props }) => props));
    if (counted !== ofYesterday) throw new Error(`${file} reported ${counted}`);
  } catch (error) {
    throw new Error(`No report of yesterday came from the sample ${file}.`, { cause: error });
  }
}

/** What the program sends; undefined when it ends without. Rejects at the signal. */
async function reportOf(
  cwd: string,
  program: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  return await withSealedEnvironment(async (sealed) => {
    const arrivals = new EventEmitter();
    const server = createServer((request, response) => {
      void request.toArray().then((parts: Buffer[]) => {
        arrivals.emit('report', Buffer.concat(parts).toString());
        response.writeHead(204).end();
      });
    }).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const env = {
        ...sealed,
        CODEGRAPH_TELEMETRY: '1',
        CODEGRAPH_TELEMETRY_ENDPOINT: `http://127.0.0.1:${port}/`,
      };
      await runCommand(machineProgram('node'), ['yesterday.js'], { cwd, env });
      const arrived = once(arrivals, 'report', { signal }).then(([body]) => String(body));
      // Its stdin stays open: a server ends with its client.
      const child = spawn(machineProgram('node'), program, { cwd, env });
      const ended = once(child, 'exit').then(() => undefined);
      return await Promise.race([arrived, ended]).finally(() => child.kill());
    } finally {
      server.close();
    }
  });
}

const ofYesterday = JSON.stringify([
  { kind: 'cli_command', name: 'query', count: 1, error_count: 0 },
]);
