import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineClaimPrefix, engineQueueFile } from '../../contract/files.ts';
import { countsIn, framesIn } from '../support/buffer.ts';
import { dayMs } from '../support/clock.ts';
import { settings } from '../support/command.ts';
import { copyEngine } from '../support/engine-copy.ts';
import { newHome, type TestHome } from '../support/home.ts';
import { distinctEvents, type Ingest, startIngest, usageIn } from '../support/ingest.ts';
import { vanished } from '../support/mcp/process.ts';
import { type Ended, run, start } from '../support/programs.ts';

/** The published engine with our module in the place of its own. */

type Arrived = ReturnType<typeof distinctEvents>;

interface Machine {
  readonly home: TestHome;
  readonly launcher: string;
  readonly ingest: Ingest;
}

async function openMachine(): Promise<Machine & AsyncDisposable> {
  const home = newHome();
  const ingest = await startIngest();
  return {
    home,
    launcher: copyEngine(home),
    ingest,
    [Symbol.asyncDispose]: () => ingest[Symbol.asyncDispose](),
  };
}

// Without a daemon, a server ends with its client, and so does the test.
const alone = { CODEGRAPH_NO_DAEMON: '1', CODEGRAPH_NO_UPDATE_CHECK: '1' };

function optionsOf({ home, ingest }: Machine, shiftMs: number, env: NodeJS.ProcessEnv = {}) {
  return settings(home, { clockShiftMs: shiftMs, env: { ...ingest.consent, ...alone, ...env } });
}

async function play(
  machine: Machine,
  shiftMs: number,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return await run(machine.launcher, args, optionsOf(machine, shiftMs, env));
}

interface Session {
  /** Calls a tool, and waits for the reply. */
  call(): Promise<void>;
  /** Ends as its agent does. */
  end(): Promise<void>;
}

/** A session of an agent with the engine's MCP server. */
async function openSession(
  machine: Machine,
  shiftMs: number,
  env: NodeJS.ProcessEnv = {},
): Promise<Session> {
  const server = start(machine.launcher, ['serve', '--mcp'], optionsOf(machine, shiftMs, env));
  let id = 0;
  const ask = async (method: string, params: object): Promise<void> => {
    id += 1;
    server.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    await server.printed(`"id":${id}`);
  };
  const clientInfo = { name: 'claude-code', version: '2.1.317' };
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  return {
    call: () => ask('tools/call', { name: 'codegraph_status', arguments: {} }),
    async end() {
      server.child.stdin.end();
      await server.ended;
    },
  };
}

/** The hook that an agent runs for each prompt of its user. */
async function hookPrompt(machine: Machine, shiftMs: number, prompt: string): Promise<void> {
  const hook = start(machine.launcher, ['prompt-hook'], optionsOf(machine, shiftMs));
  hook.child.stdin.end(JSON.stringify({ prompt, cwd: machine.home.project }));
  expect(await hook.ended).toMatchObject({ code: 0, stderr: '' });
}

const chosen = { CODEGRAPH_TELEMETRY: undefined };
const shared = {
  ...chosen,
  CODEGRAPH_NO_DAEMON: undefined,
  CODEGRAPH_DAEMON_IDLE_TIMEOUT_MS: '500',
};

/** The daemon that the sessions of a project share, as the engine has noted it. */
function daemonOf({ project }: TestHome): number {
  const record = readFileSync(join(project, '.codegraph', 'daemon.pid'), 'utf8');
  return (JSON.parse(record) as { readonly pid: number }).pid;
}

describe('the engine with our module', () => {
  it('counts two days truly, and sends them by `sync`', async () => {
    await using machine = await openMachine();
    const yesterday = -dayMs;
    for (const args of [['init'], ['query', 'greet'], ['query', 'wave'], ['callers', 'greet']]) {
      const { code, stderr } = await play(machine, yesterday, args);
      expect({ args, code, stderr }).toMatchObject({ code: 0 });
    }
    await hookPrompt(machine, yesterday, 'What calls greet?');
    await hookPrompt(machine, yesterday, 'thanks');
    const session = await openSession(machine, yesterday);
    await session.call();
    await session.end();
    // On a busy machine the time for a flush can run out: the next command sends then.
    const arrived = (): Arrived => distinctEvents(machine.ingest.accepted);
    for (let attempt = 0; attempt < 10 && !('query' in usageIn(arrived())); attempt++)
      await play(machine, 0, ['sync']);

    const events = arrived();
    expect(usageIn(events)).toEqual({
      init: '1/0',
      query: '2/0',
      callers: '1/0',
      serve: '1/0',
      codegraph_status: '1/0',
      'prompt-hook': '2/0',
      'prompt-hook-gate-high-keyword': '1/0',
      'prompt-hook-gate-noop-shape': '1/0',
    });
    const indexed = { file_count_bucket: '<100', languages: ['typescript', 'python'] };
    const indexes = events.filter(({ event }) => event === 'index');
    expect(indexes.map(({ props }) => props)).toMatchObject([indexed]);
  });

  it('reports what was installed and removed, and no project that was left', async () => {
    await using machine = await openMachine();
    const agents = ['--target', 'cursor', '--yes'];
    for (const args of [
      ['install', ...agents],
      ['init'],
      ['uninit', '--force'],
      ['uninstall', ...agents],
    ]) {
      const { code, stderr } = await play(machine, 0, args);
      expect({ args, code, stderr }).toMatchObject({ code: 0 });
    }
    const events = distinctEvents(machine.ingest.accepted);
    const lifecycle = events.filter(({ event }) => event !== 'index');
    expect(lifecycle.map(({ event, props }) => [event, props])).toEqual([
      ['install', { targets: ['cursor'], scope: 'global', kind: 'fresh' }],
      ['uninstall', { targets: ['cursor'] }],
    ]);
  });

  it('says what holds, and forgets everything at off, also beside a server', async () => {
    await using machine = await openMachine();
    const { home, ingest } = machine;
    await play(machine, 0, ['telemetry', 'on'], chosen);
    await play(machine, 0, ['query', 'greet'], chosen);
    expect(existsSync(home.spool)).toBe(true);
    const { stdout } = await play(machine, 0, ['telemetry', 'status'], chosen);
    expect(stdout).toContain('your saved choice');
    const server = await openSession(machine, 0, chosen);
    await server.call();
    await play(machine, 0, ['telemetry', 'off'], chosen);
    await play(machine, 0, ['query', 'greet'], chosen);
    await server.call();
    await server.end();
    expect(readdirSync(home.folder)).toEqual(['telemetry.json']);
    expect(ingest.connections).toBe(0);
  });

  // The engine answers by itself where its daemon is slow to start, as on a busy machine.
  it.runIf(process.env['ENGINE_DAEMON'] === '1').each<[first: string, isFirst: boolean]>([
    ['that is counted', true],
    ['that is not', false],
  ])('counts each session of a daemon as that session wants, after one %s', async (_, isFirst) => {
    await using machine = await openMachine();
    const { home } = machine;
    await play(machine, 0, ['init'], chosen);
    await play(machine, 0, ['telemetry', 'on'], chosen);
    const off = { ...shared, CODEGRAPH_TELEMETRY: '0' };
    const first = await openSession(machine, 0, isFirst ? shared : off);
    await first.call();
    const daemon = daemonOf(home);
    const second = await openSession(machine, 0, isFirst ? off : shared);
    await second.call();
    await second.call();
    expect(daemonOf(home)).toBe(daemon);
    await Promise.all([first.end(), second.end()]);
    await vanished(daemon);

    const { codegraph_status: counted } = countsIn(framesIn(home.folder));
    expect(counted).toBe(isFirst ? '1/0' : '2/0');
  });

  const line = JSON.stringify({
    v: 2,
    d: new Date(Date.now() - 2 * dayMs).toISOString().slice(0, 10),
    k: 'cli_command',
    n: 'explore',
    c: 7,
    e: 2,
  });

  it.each<[what: string, choice: string, explores: object]>([
    ['takes over, once,', '1', { explore: '14/4' }],
    ['deletes, while off,', '0', {}],
  ])('%s what an older engine has queued, a stale claim too', async (_, choice, explores) => {
    await using machine = await openMachine();
    const { home, ingest } = machine;
    mkdirSync(home.folder, { recursive: true });
    const claim = join(home.folder, `${engineClaimPrefix}1-2.jsonl`);
    for (const path of [join(home.folder, engineQueueFile), claim])
      writeFileSync(path, `${line}\nnonsense\n`);
    const twoHoursAgo = Date.now() / 1_000 - 7_200;
    utimesSync(claim, twoHoursAgo, twoHoursAgo);
    const env = { CODEGRAPH_TELEMETRY: choice };
    for (let time = 0; time < 2; time++) await play(machine, 0, ['init'], env);
    expect(readdirSync(home.folder).filter((name) => /queue|claim/.test(name))).toEqual([]);
    expect(usageIn(distinctEvents(ingest.accepted))).toEqual(explores);
  });
});
