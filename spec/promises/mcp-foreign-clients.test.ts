import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Ended, run } from '../support/programs.ts';
import { newHome } from '../support/home.ts';
import { type Calls, playV1 } from '../support/mcp/clients.ts';
import { bareEngine, indexed, tappedEngine } from '../support/mcp/engine.ts';
import { type Launch, serverOf, useFront } from '../support/mcp/front.ts';
import { consentingEnv, countsIn } from '../support/mcp/process.ts';
import { modules } from '../support/paths.ts';

// Tools of others, each with a server bare and with the same server tapped: the same comes out.
const { bare, tap } = useFront();

const require = createRequire(import.meta.url);
const everything = require.resolve('@modelcontextprotocol/server-everything/dist/index.js');

it('the Inspector’s command line calls a tool', async () => {
  const home = await indexed(newHome());
  const question = ['--method', 'tools/call', '--tool-name', 'codegraph_explore'];
  const inspect = async (launch: Launch): Promise<Ended> => {
    const env = Object.entries({ ...consentingEnv(home), ...launch.env });
    const settings = env.flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const target = [launch.command, ...launch.args];
    const args = ['--cli', ...settings, ...target, ...question, '--tool-arg', 'query=greet'];
    return await run(process.execPath, [join(modules, '.bin', 'mcp-inspector'), ...args], {
      env: { ...consentingEnv(home), CODEGRAPH_TELEMETRY: '0' },
      cwd: home.project,
    });
  };

  const alone = await inspect(bareEngine(home.project));
  const tapped = await inspect(tappedEngine(home.project));

  expect(tapped).toEqual(alone);
  expect(tapped.code).toBe(0);
  expect(countsIn(home)).toEqual([
    ['cli_command serve', 1, 0],
    [expect.stringContaining('codegraph_explore inspector'), 1, 0],
  ]);
});

it('mcp-remote behind the tap brings a server from elsewhere', async () => {
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
