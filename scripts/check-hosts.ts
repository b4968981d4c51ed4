// Builds and runs a small host with every bundler and runtime that README.md names, and sees the
// report arrive at a listener on this machine: `npm run check -- hosts`. With `--write`, the table in
// README.md becomes what was seen. Tools are installed from npm, into a folder of their own.
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { replaceParts, table } from './docs/markdown.ts';
import { formatPage } from './docs/pages.ts';
import { type Host, hosts, tools, writeHosts } from './package/hosts.ts';
import { pack } from './package/tarball.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { withSealedEnvironment } from './sealed-environment.ts';
import { machinePath, machineProgram, pinnedNode, root } from './set-up/paths.mjs';

const folder = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-hosts-'));
let arrived = 0;
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    arrived += 1;
    response.writeHead(204).end();
  });
}).listen(0, '127.0.0.1');
try {
  await once(server, 'listening');
  const page = await readFile(join(root, 'README.md'), 'utf8');
  const part = await tryAll();
  const wanted = await formatPage('README.md', replaceParts(page, { hosts: part }));
  if (process.argv.includes('--write')) await writeFile(join(root, 'README.md'), wanted);
  else if (wanted !== page) throw new Error(`README.md says otherwise; seen was:\n\n${part}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  server.close();
  await rm(folder, { recursive: true, force: true });
}

async function tryAll(): Promise<string> {
  const tarball = await pack(folder);
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const packages = Object.entries(tools).map(([name, version]) => `${name}@${version}`);
  const npm = `"${machineProgram('npm')}" install --prefer-offline --no-audit --no-fund --loglevel=error`;
  const env = { ...process.env, PATH: machinePath() };
  await expectSuccess(`${npm} "${tarball.path}" ${packages.join(' ')}`, folder, env);
  await writeHosts(folder, tarball.path);
  const rows: string[][] = [];
  for (const host of hosts) {
    const seen = await tryHost(host);
    console.error(`${host.name}: ${seen}`);
    rows.push([host.name, host.line ?? 'nothing', seen]);
  }
  return table(['Host', 'What to do', 'Report'], rows);
}

/** `arrives`, or what was printed instead. */
async function tryHost(host: Host): Promise<string> {
  return await withSealedEnvironment(async (sealed, home) => {
    const { port } = server.address() as AddressInfo;
    const env = {
      ...sealed,
      NODE: pinnedNode,
      PATH: [join(pinnedNode, '..'), join(folder, 'node_modules', '.bin'), machinePath()].join(
        delimiter,
      ),
      CODEGRAPH_TELEMETRY: '1',
      CODEGRAPH_TELEMETRY_ENDPOINT: `http://127.0.0.1:${port}/v1/events`,
    };
    const before = arrived;
    try {
      for (const command of host.build) await expectSuccess(command, folder, env);
      const place = host.moved === undefined ? folder : join(home, 'moved');
      if (host.moved !== undefined) await mkdir(place);
      for (const name of host.moved ?? []) await rename(join(folder, name), join(place, name));
      const { output } = await expectSuccess(host.run, place, env);
      return arrived === before + 1 ? 'arrives' : `${arrived - before} arrive: ${output.trim()}`;
    } catch (error) {
      return String(error).replaceAll('\n', ' ').slice(0, 300);
    }
  });
}

async function expectSuccess(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const result = await runCommand(command, [], { cwd, env, shell: true });
  if (result.code !== 0) throw new Error(`${command}: ${result.output}`);
  return result;
}
