import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runFront } from '../support/command.ts';
import { newHome, type TestHome } from '../support/home.ts';
import { noIngest } from '../support/ingest.ts';
import { request } from '../support/mcp/bytes.ts';
import { bareEngine, indexed, tappedEngine } from '../support/mcp/engine.ts';
import { countsIn, type McpProcess, startMcp, vanished } from '../support/mcp/process.ts';

// The engine's sessions in a project share a daemon, which counts as whoever started it would have
// it. Whichever that was, a call is counted once.

const daemonEnv = {
  CODEGRAPH_NO_DAEMON: undefined,
  CODEGRAPH_TELEMETRY: undefined,
  CODEGRAPH_DAEMON_IDLE_TIMEOUT_MS: '500',
  ...noIngest,
};
const serve = ['cli_command serve', 1, 0];
const searches = (calls: number) => ['mcp_tool codegraph_search', calls, 0];

// Only Linux shows with which environment a daemon was started.
describe.runIf(process.platform === 'linux')('a daemon', () => {
  it('of the engine alone counts the calls of a tapped session, so we do not', async () => {
    const home = await indexed(newHome());
    // An old daemon, from before there was a front.
    const bare = startMcp(bareEngine(home.project), { home, env: daemonEnv });
    await search(bare, 1);
    const daemon = daemonOf(home);
    const tapped = startMcp(tappedEngine(home.project), {
      home,
      env: { ...daemonEnv, CODEGRAPH_TELEMETRY: '1' },
    });
    await search(tapped, 2);
    await search(tapped, 3);
    const { stdout } = await runFront(home, ['telemetry', 'status', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ countedByEngine: [home.project] });

    // Without it, the engine serves the session itself, and counts nothing.
    process.kill(daemon, 'SIGTERM');
    await vanished(daemon);
    expect(searchesOfEngine(home)).toBe(3);
    await search(tapped, 4);
    for (const { child, ended } of [bare, tapped]) {
      child.stdin.end();
      await ended;
    }
    expect(countsIn(home)).toEqual([serve, searches(1)]);
    expect(searchesOfEngine(home)).toBe(3);
  });

  it('of the front counts nothing, so we do', async () => {
    const home = await indexed(newHome());
    const tapped = startMcp(tappedEngine(home.project), {
      home,
      env: { ...daemonEnv, CODEGRAPH_TELEMETRY: '1' },
    });
    await search(tapped, 1);
    await search(tapped, 2);
    const daemon = daemonOf(home);
    tapped.child.stdin.end();
    await tapped.ended;
    await vanished(daemon);
    expect(countsIn(home)).toEqual([serve, searches(2)]);
    expect(searchesOfEngine(home)).toBe(0);
  });
});

async function search(session: McpProcess, id: number): Promise<void> {
  await session.write(`${request(id, 'greet', 'codegraph_search')}\n`);
  await session.printed(`"id":${id}`);
}

function daemonOf({ project }: TestHome): number {
  const record = readFileSync(join(project, '.codegraph', 'daemon.pid'), 'utf8');
  return (JSON.parse(record) as { readonly pid: number }).pid;
}

/** What the engine's own telemetry has counted. */
function searchesOfEngine({ folder }: TestHome): number {
  const queues = readdirSync(folder).filter((name) => name.startsWith('telemetry-queue'));
  const lines = queues.flatMap((name) =>
    readFileSync(join(folder, name), 'utf8').trim().split('\n'),
  );
  return lines
    .filter((line) => line.includes('codegraph_search'))
    .reduce((sum, line) => sum + (JSON.parse(line) as { readonly c: number }).c, 0);
}
