import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatDay } from '../../contract/day.ts';
import { readBuffer } from '../support/buffer.ts';
import { dayMs } from '../support/clock.ts';
import { runFront } from '../support/command.ts';
import { newHome, writeChoice } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt } from '../support/host.ts';
import { distinctEvents, startIngest, usageIn } from '../support/ingest.ts';
import { reply, request } from '../support/mcp/bytes.ts';
import { type Launch, serverOf, useFront } from '../support/mcp/front.ts';
import {
  consentingEnv,
  countsIn,
  type McpProcess,
  startMcp,
  vanished,
} from '../support/mcp/process.ts';
import { answering } from '../support/mcp/scenes.ts';
import { preload } from '../support/paths.ts';

// A server lives for days: what was counted is safe after minutes, sent after midnight, and gone
// within a second of a no.
const { tap } = useFront();

/** The tap, and not its server, lives that much faster, in what takes so long at least. */
function inTimeLapse(launch: Launch, factor: number, fromMs: number): Launch {
  const lapse = { TIME_LAPSE: String(factor), TIME_LAPSE_FROM_MS: String(fromMs) };
  const env = { ...launch.env, ...lapse };
  return { ...launch, args: [preload('time-lapse.mjs'), ...launch.args], env };
}

const heapFile = 'heap';

/** The tap, and not its server, says how much memory it uses when it is asked. */
function tellingHeap(launch: Launch): Launch {
  const env = { ...launch.env, HEAP_FILE: heapFile };
  return { ...launch, args: [preload('tell-heap.mjs'), ...launch.args], env };
}

/** What is in use after a collection. Not the size of the process: how much of what nobody needs
 * any more it holds is a matter of how busy the machine is. */
async function heapBytes({ child, home }: McpProcess): Promise<number> {
  const path = join(home.project, heapFile);
  child.kill('SIGWINCH');
  await until(() => existsSync(path));
  const bytes = Number(readFileSync(path, 'utf8'));
  rmSync(path);
  return bytes;
}

let ids = 0;

async function call(process: McpProcess): Promise<void> {
  const id = `call-${(ids += 1)}`;
  await process.write(`${request(id)}\n`);
  await process.printed(`"${id}"`);
}

/** Calls for a second; returns how often. */
async function callForASecond(process: McpProcess): Promise<number> {
  const deadline = performance.now() + 1_000;
  let calls = 0;
  for (; performance.now() < deadline; calls++) await call(process);
  return calls;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

describe('what is counted', () => {
  it('survives a SIGKILL whole when the session was idle for five seconds', async () => {
    const process = startMcp(tap(serverOf(answering)));
    for (let calls = 0; calls < 10; calls++) await call(process);
    const countedAt = performance.now();
    await until(() => performance.now() - countedAt > 10_000 || countsIn(process.home).length > 0);
    process.child.kill('SIGKILL');
    await process.ended;
    expect(countsIn(process.home)).toEqual([
      ['cli_command serve', 1, 0],
      ['mcp_tool codegraph_explore', 10, 0],
    ]);
    expect(readBuffer(process.home).strayBytes).toBe(0);
  });

  it('is sent when its day is over, while the server runs on', async () => {
    await using ingest = await startIngest();
    // Six hours take two seconds, and midnight comes after four.
    const launch = inTimeLapse(tap(serverOf(answering)), 10_000, 5_000);
    const process = startMcp(launch, { env: ingest.place });
    const today = formatDay(Math.floor(Date.now() / dayMs));
    for (let calls = 0; calls < 7; calls++) await call(process);
    await ingest.arrived(1);
    const sent = distinctEvents(ingest.bodies).filter(({ ts }) => ts.startsWith(today));
    expect(usageIn(sent)).toEqual({ serve: '1/0', codegraph_explore: '7/0' });
    await call(process);
    process.child.stdin.end();
    expect((await process.ended).code).toBe(0);
  });

  it('is forgotten within a second of a no, and counted again within one of a yes', async () => {
    const home = newHome();
    writeChoice(home, '{ "enabled": true }');
    const env = { CODEGRAPH_TELEMETRY: undefined };
    const process = startMcp(tap(serverOf(answering)), { home, env });
    await callForASecond(process);
    expect((await runFront(home, ['telemetry', 'off'])).code).toBe(0);
    // Calls go on: those of the first second may be counted, and are dropped.
    await callForASecond(process);
    await call(process);
    expect(listFiles(home.folder)).toEqual(['telemetry.json']);

    expect((await runFront(home, ['telemetry', 'on'])).code).toBe(0);
    const callsSinceYes = await callForASecond(process);
    await call(process);
    process.child.stdin.end();

    expect((await process.ended).code).toBe(0);
    const counts = countsIn(home).filter(([what]) => what === 'mcp_tool codegraph_explore');
    expect(counts).toEqual([[expect.any(String), expect.any(Number), 0]]);
    expect(counts[0]?.[1]).toBeGreaterThan(0);
    expect(counts[0]?.[1]).toBeLessThanOrEqual(callsSinceYes + 1);
  });

  it('is forgotten with the process that hears of a no at its end', async () => {
    const home = newHome();
    writeChoice(home, '{ "enabled": true }');
    const env = { CODEGRAPH_TELEMETRY: undefined };
    const process = startMcp(tap(serverOf(answering)), { home, env });
    await call(process);
    expect((await runFront(home, ['telemetry', 'off'])).code).toBe(0);
    process.child.stdin.end();

    expect((await process.ended).code).toBe(0);
    expect(listFiles(home.folder)).toEqual(['telemetry.json']);
  });
});

describe('a session of a working day', () => {
  // Windows has no such signal to ask by.
  it.skipIf(platform === 'win32')('has 200,000 calls, and nothing of them stays', async () => {
    const answer = JSON.stringify(reply(1));
    // Answers as many as came, without looking: the server must not be what is measured.
    const server = serverOf(`
      process.stdin.on('data', (chunk) => {
        let calls = 0;
        for (const byte of chunk) if (byte === 10) calls += 1;
        process.stdout.write((${answer} + '\\n').repeat(calls));
      });`);
    const home = newHome();
    // Without a flush: after five seconds it would take what is in the buffer.
    writeChoice(home, '{ "enabled": false, "mode": "local" }');
    const env = { CODEGRAPH_TELEMETRY: undefined };
    const process = startMcp(tellingHeap(tap(server)), { home, env });
    const lineBytes = Buffer.byteLength(reply(1)) + 1;
    const calls = `${request(1)}\n`.repeat(500);
    const go = async (from: number, to: number): Promise<void> => {
      for (let done = from; done < to; done += 500) {
        await process.write(calls);
        await process.printed((done + 500) * lineBytes);
      }
    };
    await go(0, 40_000);
    const before = await heapBytes(process);
    await go(40_000, 200_000);
    expect((await heapBytes(process)) - before).toBeLessThan(300_000);
    process.child.stdin.end();
    await process.ended;
    expect(countsIn(process.home)).toContainEqual(['mcp_tool codegraph_explore', 200_000, 0]);
  });

  it('ends when its client is killed, with nothing left running and all that was counted', async () => {
    const home = newHome();
    const { command, args, env } = tap(serverOf(`mcp.greet(); ${answering}`));
    // A client in a process of its own, which says who its server is once a call was answered.
    const client = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn(${JSON.stringify(command)}, ${JSON.stringify(args)});
        child.stdin.write(${JSON.stringify(`${request(1)}\n`)});
        let text = '';
        child.stdout.on('data', (chunk) => {
          text += chunk;
          const [, server] = /"pid":(\\d+)/.exec(text) ?? [];
          if (server && text.includes('"result"')) console.log(child.pid, server);
        });`,
      ],
      { env: { ...consentingEnv(home), ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void client.kill('SIGKILL'));
    const [line]: Buffer[] = await once(client.stdout, 'data');
    const pids = String(line).split(/\s+/).map(Number);
    client.kill('SIGKILL');
    for (const pid of pids.filter(Boolean)) await vanished(pid);
    expect(countsIn(home)).toContainEqual(['mcp_tool codegraph_explore', 1, 0]);
  });
});

it('a flush that hangs does not keep the process', async () => {
  await using ingest = await startIngest(() => 'hang');
  const home = newHome();
  await countAt(home, Date.now() - dayMs);
  const process = startMcp(tap(serverOf(answering)), { home, env: ingest.place });
  await call(process);
  await ingest.arrived(1);
  const endedAt = performance.now();
  process.child.stdin.end();
  expect((await process.ended).code).toBe(0);
  expect(performance.now() - endedAt).toBeLessThan(1_000);
  expect(listFiles(home.spool)).not.toContain('lock');
});
