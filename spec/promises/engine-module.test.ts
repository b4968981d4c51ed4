import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineQueueFile } from '../../contract/files.ts';
import { dayMs } from '../support/clock.ts';
import { settings } from '../support/command.ts';
import { copyEngine } from '../support/engine-copy.ts';
import { newHome, type TestHome } from '../support/home.ts';
import { distinctEvents, type Ingest, startIngest, usageIn } from '../support/ingest.ts';
import { type Ended, run, start } from '../support/programs.ts';

/** The published engine with our module in the place of its own. */

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
const alone = { CODEGRAPH_NO_DAEMON: '1' };

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

/** A session of an agent that calls two tools, one of which there is not. */
async function session(machine: Machine, shiftMs: number): Promise<void> {
  const server = start(machine.launcher, ['serve', '--mcp'], optionsOf(machine, shiftMs));
  const send = (message: object): boolean =>
    server.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'claude-code', version: '2.1.317' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  send({ id: 1, method: 'initialize', params });
  await server.printed('"id":1');
  send({ method: 'notifications/initialized' });
  send({ id: 2, method: 'tools/call', params: { name: 'codegraph_status', arguments: {} } });
  await server.printed('"id":2');
  server.child.stdin.end();
  await server.ended;
}

describe('the engine with our module', () => {
  it('counts two days truly, and sends them', async () => {
    await using machine = await openMachine();
    const yesterday = -dayMs;
    for (const args of [['init'], ['query', 'greet'], ['query', 'wave'], ['callers', 'greet']]) {
      const { code, stderr } = await play(machine, yesterday, args);
      expect({ args, code, stderr }).toMatchObject({ code: 0 });
    }
    await session(machine, yesterday);
    await play(machine, 0, ['index']);

    const events = distinctEvents(machine.ingest.accepted);
    expect(usageIn(events)).toEqual({
      init: '1/0',
      query: '2/0',
      callers: '1/0',
      serve: '1/0',
      codegraph_status: '1/0',
    });
    const indexed = { file_count_bucket: '<100', languages: ['typescript', 'python'] };
    const indexes = events.filter(({ event }) => event === 'index');
    expect(indexes).toMatchObject([{ props: indexed }, { props: indexed }]);
  });

  it('says what holds, and forgets everything at off', async () => {
    await using machine = await openMachine();
    const { home, ingest } = machine;
    const env = { CODEGRAPH_TELEMETRY: undefined };
    await play(machine, 0, ['telemetry', 'on'], env);
    await play(machine, 0, ['query', 'greet'], env);
    expect(existsSync(home.spool)).toBe(true);
    const { stdout } = await play(machine, 0, ['telemetry', 'status'], env);
    expect(stdout).toContain('your saved choice');
    await play(machine, 0, ['telemetry', 'off'], env);
    await play(machine, 0, ['query', 'greet'], env);
    expect(readdirSync(home.folder)).toEqual(['telemetry.json']);
    expect(ingest.connections).toBe(0);
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
    ['takes over, once,', '1', { explore: '7/2' }],
    ['deletes, while off,', '0', {}],
  ])('%s what an older engine has queued', async (_, choice, explores) => {
    await using machine = await openMachine();
    const { home, ingest } = machine;
    mkdirSync(home.folder, { recursive: true });
    writeFileSync(join(home.folder, engineQueueFile), `${line}\nnonsense\n`);
    const env = { CODEGRAPH_TELEMETRY: choice };
    for (let time = 0; time < 2; time++) await play(machine, 0, ['init'], env);
    expect(readdirSync(home.folder)).not.toContain(engineQueueFile);
    expect(usageIn(distinctEvents(ingest.accepted))).toEqual(explores);
  });
});
