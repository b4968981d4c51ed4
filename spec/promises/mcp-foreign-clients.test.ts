import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Ended, run } from '../support/child.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { type Calls, playV1 } from '../support/mcp-clients.ts';
import { bareEngine, indexed, tappedEngine } from '../support/mcp-engine.ts';
import { type Launch, programPath, serverOf, useFront } from '../support/mcp-front.ts';
import { consentingEnv, countsIn, newHome } from '../support/mcp-process.ts';
import { modules } from '../support/paths.ts';

// Tools of others, each with a server bare and with the same server tapped: the same comes out.
// All of them take a minute, so most run only when asked for: FOREIGN_CLIENTS=1 npm test.
const isAsked = process.env['FOREIGN_CLIENTS'] === '1';

const { bare, tap } = useFront();

const require = createRequire(import.meta.url);
const everything = require.resolve('@modelcontextprotocol/server-everything/dist/index.js');

/** Runs an installed command to its end. */
async function runTool(name: string, args: readonly string[], home: TestHome): Promise<Ended> {
  const env = { ...consentingEnv(home), CODEGRAPH_TELEMETRY: '0' };
  const path = join(modules, '.bin', name);
  return await run(process.execPath, [path, ...args], { env, cwd: home.project });
}

describe('the Inspector’s command line', () => {
  const explore = ['--method', 'tools/call', '--tool-name', 'codegraph_explore'];
  const greet = [...explore, '--tool-arg', 'query=greet'];
  const questions: readonly (readonly [name: string, args: readonly string[], code: number])[] = [
    ['calls a tool', greet, 0],
    ['lists tools', ['--method', 'tools/list'], 0],
    ['lists resources', ['--method', 'resources/list'], 0],
    ['calls a tool that asks for more', [...explore, '--tool-arg', 'maxFiles=1'], 5],
    ['calls a tool that is not there', ['--method', 'tools/call', '--tool-name', 'fly'], 5],
    ['asks for the new protocol first', ['--protocol-era', 'auto', ...greet], 0],
  ];

  let home: TestHome;

  beforeAll(async () => {
    home = await indexed(openHome());
  });

  afterAll(() => {
    home[Symbol.dispose]();
  });

  async function inspect(launch: Launch, question: readonly string[]): Promise<Ended> {
    const env = Object.entries({ ...consentingEnv(home), ...launch.env });
    const settings = env.flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const target = [launch.command, ...launch.args];
    return await runTool('mcp-inspector', ['--cli', ...settings, ...target, ...question], home);
  }

  it.each(isAsked ? questions : questions.slice(0, 1))('%s', async (_, question, code) => {
    const alone = await inspect(bareEngine(home.project), question);
    const tapped = await inspect(tappedEngine(home.project), question);
    expect(tapped).toEqual(alone);
    expect(tapped.code).toBe(code);
  });

  it.runIf(isAsked)('under load, no call is lost', async () => {
    rmSync(home.spool, { recursive: true, force: true });
    const requests = ['--load', '--load-requests', '300', '--load-concurrency', '10'];
    const question = [...greet, ...requests, '--format', 'json', '-q'];
    const ended = await inspect(tappedEngine(home.project), question);
    expect(ended.code).toBe(0);
    expect(countsIn(home)).toEqual([
      ['cli_command serve', 1, 0],
      [expect.stringContaining('codegraph_explore inspector'), 300, 0],
    ]);
  });
});

describe('mcp-remote behind the tap', () => {
  it('brings a server from elsewhere', async () => {
    const home = newHome();
    const port = await freePort();
    const env = { ...consentingEnv(home), PORT: String(port) };
    const remote = spawn(process.execPath, [everything, 'streamableHttp'], {
      env,
      stdio: 'ignore',
    });
    onTestFinished(() => void remote.kill('SIGKILL'));
    await listening(port);
    const bridge = serverOf(`
      process.argv.splice(2, 10, 'http://127.0.0.1:${port}/mcp', '--allow-http', '--silent');
      await import(${JSON.stringify(join(modules, 'mcp-remote', 'dist', 'proxy.js'))});`);
    const calls: Calls = [
      ['echo', { message: 'hello' }],
      ['get-sum', { a: 2, b: 3 }],
      ['no-such-tool', {}],
    ];
    const alone = await playV1(bare(bridge), newHome(), calls);
    const tapped = await playV1(tap(bridge), home, calls);
    expect(tapped).toEqual(alone);
    expect(tapped.answers).toHaveLength(3);
    expect(countsIn(home)).toEqual([
      ['cli_command serve', 1, 0],
      ['mcp_tool other other 3.2', 3, 1],
    ]);
  });
});

describe.runIf(isAsked)('the conformance suite, by way of mcp-proxy', () => {
  it('has the same results', async () => {
    const program = programPath('mcp-conformance-server.mjs');
    const server = serverOf(`await import(${JSON.stringify(program)});`);
    const alone = await conform(bare(server), newHome());
    const home = newHome();
    const tapped = await conform(tap(server), home);
    expect(Object.keys(tapped).length).toBeGreaterThan(10);
    expect(tapped).toEqual(alone);
    expect(countsIn(home).map(([what]) => what)).toContain('cli_command serve');
  });
});

/** The checks of the suite that went one way or the other, by name. */
async function conform(launch: Launch, home: TestHome): Promise<Record<string, unknown>> {
  const port = await freePort();
  const options = ['--host', '127.0.0.1', '--port', String(port), '--server', 'stream'];
  const args = [...options, '--', launch.command, ...launch.args];
  const proxy = spawn(process.execPath, [join(modules, '.bin', 'mcp-proxy'), ...args], {
    env: { ...consentingEnv(home), ...launch.env },
    cwd: home.project,
    stdio: 'ignore',
  });
  onTestFinished(() => void proxy.kill('SIGKILL'));
  await listening(port);
  const results = join(home.root, 'results');
  await runTool(
    'conformance',
    ['server', '--url', `http://127.0.0.1:${port}/mcp`, '-o', results],
    home,
  );
  proxy.kill('SIGTERM');
  if (proxy.exitCode === null && proxy.signalCode === null) await once(proxy, 'exit');
  return checksIn(results);
}

function checksIn(results: string): Record<string, unknown> {
  const files = readdirSync(results, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('checks.json'),
  );
  const checks = files.toSorted().flatMap((name) => {
    const scenario = name.replace(/-\d{4}-\d{2}-\d{2}T.*/, '');
    const found = JSON.parse(readFileSync(join(results, name), 'utf8')) as {
      readonly id: string;
      readonly status: string;
    }[];
    return found.map(({ id, status }) => [`${scenario}: ${id}`, status] as const);
  });
  return Object.fromEntries(checks);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when somebody listens at a port. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    } finally {
      socket.destroy();
    }
  }
}
