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
import type { ConsentPaths } from '../../contract/consent.ts';
import {
  bufferFile,
  choiceFileName,
  engineClaimPrefix,
  engineQueueFile,
  ledgerFile,
} from '../../contract/files.ts';
import { countsIn, framesIn } from '../../spec/support/buffer.ts';
import { dayMs } from '../../spec/support/clock.ts';
import { temporaryFolder } from '../../spec/support/home.ts';
import { distinctEvents, type Ingest, startIngest, usageIn } from '../../spec/support/ingest.ts';
import { fileUrl } from '../../spec/support/programs.ts';
import type * as Library from '../index.ts';

/** What the engine's own tests ask of its telemetry module: docs/upstream.md has the rest. */

const { openEngineTelemetry } = (await import(
  /* @vite-ignore */ fileUrl('dist/index.js')
)) as typeof Library;

type Variables = Readonly<Record<string, string>>;

/** A machine, and as many processes of the engine on it as are opened. */
function newMachine(ingest?: Ingest) {
  const folder = temporaryFolder();
  const dataDir = join(folder, '.codegraph');
  const paths: ConsentPaths = { dataDir, policyFile: join(folder, 'policy.json') };
  const open = (env: Variables = {}, now: () => number = Date.now) =>
    openEngineTelemetry({
      version: '1.6.1',
      paths,
      now,
      env: { ...(ingest?.place as Variables | undefined), ...env },
    }).getTelemetry();
  return { paths, dataDir, open };
}

const yesterday = (): number => Date.now() - dayMs;
const install = { targets: ['claude'], scope: 'local', kind: 'fresh' } as const;
const timeoutMs = 20_000;

describe('what holds', () => {
  it('is on when nothing decides otherwise', () => {
    const status = newMachine().open().getStatus();
    expect(status).toMatchObject({ enabled: true, decidedBy: 'default', machineId: null });
  });

  it('is off by DO_NOT_TRACK, whatever else says on', () => {
    const telemetry = newMachine().open({ DO_NOT_TRACK: '1', CODEGRAPH_TELEMETRY: '1' });
    telemetry.setEnabled(true, 'cli');
    expect(telemetry.getStatus()).toMatchObject({ enabled: false, decidedBy: 'DO_NOT_TRACK' });
  });

  it.each([
    ['0', false],
    ['1', true],
  ])('is what CODEGRAPH_TELEMETRY=%s says, whatever is stored', (value, enabled) => {
    const telemetry = newMachine().open({ CODEGRAPH_TELEMETRY: value });
    telemetry.setEnabled(!enabled, 'cli');
    expect(telemetry.getStatus()).toMatchObject({ enabled, decidedBy: 'CODEGRAPH_TELEMETRY' });
  });

  it('is what is stored, where no variable is set', () => {
    const { open, dataDir } = newMachine();
    const telemetry = open();
    expect(telemetry.hasStoredChoice()).toBe(false);
    telemetry.setEnabled(false, 'installer');
    const configPath = `${dataDir}/${choiceFileName}`;
    expect(telemetry.getStatus()).toMatchObject({
      enabled: false,
      decidedBy: 'config',
      configPath,
    });
    expect(telemetry.hasStoredChoice()).toBe(true);
  });
});

describe('off', () => {
  it('records nothing, sends nothing, and makes no file', async () => {
    await using ingest = await startIngest();
    const { open, dataDir } = newMachine(ingest);
    const telemetry = open({ CODEGRAPH_TELEMETRY: '0' });
    telemetry.recordUsage('mcp_tool', 'codegraph_explore', true);
    telemetry.recordLifecycle('install', install);
    await telemetry.flushNow(timeoutMs);
    expect(existsSync(dataDir)).toBe(false);
    expect(ingest.connections).toBe(0);
  });

  it('reaches a process that runs, and deletes what it had counted', async () => {
    await using ingest = await startIngest();
    const { open, dataDir } = newMachine(ingest);
    const server = open({}, yesterday);
    server.recordUsage('mcp_tool', 'codegraph_explore', true);
    await server.flushNow(timeoutMs);
    expect(existsSync(join(dataDir, bufferFile))).toBe(true);
    open().setEnabled(false, 'cli');
    server.recordUsage('mcp_tool', 'codegraph_node', true);
    await server.flushNow(timeoutMs);
    expect(readdirSync(dataDir)).toEqual([choiceFileName]);
    expect(ingest.connections).toBe(0);
  });

  it('forgets the id, and the next report has another', async () => {
    await using ingest = await startIngest();
    const { open } = newMachine(ingest);
    const telemetry = open();
    const idOfReport = async (): Promise<string | null> => {
      telemetry.setEnabled(true, 'cli');
      telemetry.recordLifecycle('install', install);
      await telemetry.flushNow(timeoutMs);
      return telemetry.getStatus().machineId;
    };
    const first = await idOfReport();
    telemetry.setEnabled(false, 'cli');
    expect(telemetry.getStatus().machineId).toBeNull();
    const second = await idOfReport();
    expect([first, second]).toEqual([expect.any(String), expect.any(String)]);
    expect(second).not.toBe(first);
  });
});

describe('a flush', () => {
  it('sends nothing of today, and makes no choice', async () => {
    await using ingest = await startIngest();
    const { open, dataDir } = newMachine(ingest);
    const telemetry = open({ CODEGRAPH_TELEMETRY: '1' });
    telemetry.recordUsage('mcp_tool', 'codegraph_explore', true);
    await telemetry.flushNow(timeoutMs);
    expect(ingest.connections).toBe(0);
    expect(existsSync(join(dataDir, choiceFileName))).toBe(false);
  });

  it('sends a total of each name and client of yesterday, over all processes', async () => {
    await using ingest = await startIngest();
    const { open } = newMachine(ingest);
    const client = { name: 'Claude Code', version: '2.1' };
    for (const ok of [true, false, true]) {
      const telemetry = open({}, yesterday);
      telemetry.recordUsage('mcp_tool', 'codegraph_explore', ok, client);
      telemetry.recordUsage('cli_command', 'serve', true);
      await telemetry.flushNow(timeoutMs);
    }
    open().setEnabled(true, 'cli');
    await open().flushNow(timeoutMs);
    const events = distinctEvents(ingest.accepted);
    expect(usageIn(events)).toEqual({ codegraph_explore: '3/1', serve: '3/0' });
    expect(events.map(({ props }) => props)).toContainEqual(
      expect.objectContaining({ client_name: 'claude-code', client_version: '2.1' }),
    );
  });

  it('sends an installation at once, without a notice where a choice was made', async () => {
    await using ingest = await startIngest();
    const telemetry = newMachine(ingest).open();
    telemetry.setEnabled(true, 'installer');
    telemetry.recordLifecycle('install', install);
    await telemetry.flushNow(timeoutMs);
    expect(distinctEvents(ingest.accepted)).toMatchObject([{ event: 'install', props: install }]);
  });

  it('keeps what it cannot deliver', async () => {
    await using ingest = await startIngest(() => 503);
    const { open, dataDir } = newMachine(ingest);
    const telemetry = open({ CODEGRAPH_TELEMETRY: '1' });
    telemetry.recordLifecycle('install', install);
    await expect(telemetry.flushNow(timeoutMs)).resolves.toBeUndefined();
    expect(ingest.bodies).toHaveLength(1);
    expect(readFileSync(join(dataDir, ledgerFile), 'utf8')).toContain(
      String.raw`\"event\":\"install\"`,
    );
  });

  it('is over when its time is, at an endpoint that hangs', async () => {
    await using ingest = await startIngest(() => 'hang');
    const telemetry = newMachine(ingest).open({ CODEGRAPH_TELEMETRY: '1' });
    telemetry.recordLifecycle('install', install);
    const started = Date.now();
    await telemetry.flushNow(100);
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});

describe('the queue of an older engine', () => {
  const line = (day: number): string =>
    JSON.stringify({
      v: 2,
      d: new Date(day).toISOString().slice(0, 10),
      k: 'cli_command',
      n: 'serve',
      c: 2,
      e: 0,
    });

  it('is taken over by its days, with a stale claim, without what is no line', async () => {
    await using ingest = await startIngest();
    const { open, dataDir } = newMachine(ingest);
    mkdirSync(dataDir);
    const text = `${line(yesterday())}\nNOT JSON{{{\n${line(yesterday())}\n`;
    const claim = join(dataDir, `${engineClaimPrefix}99999.jsonl`);
    for (const path of [claim, join(dataDir, engineQueueFile)]) writeFileSync(path, text);
    const twoHoursAgo = Date.now() / 1_000 - 7_200;
    utimesSync(claim, twoHoursAgo, twoHoursAgo);
    const telemetry = open();
    telemetry.setEnabled(true, 'cli');
    await telemetry.flushNow(timeoutMs);
    const events = distinctEvents(ingest.accepted);
    expect(events).toHaveLength(1);
    expect(usageIn(events)).toEqual({ serve: '8/0' });
    const left = readdirSync(dataDir).filter((name) =>
      name.startsWith(engineQueueFile.slice(0, 15)),
    );
    expect(left).toEqual([]);
  });

  it('loses no line for another that no frame can hold', async () => {
    await using ingest = await startIngest();
    const { open, dataDir } = newMachine(ingest);
    mkdirSync(dataDir);
    const good = line(yesterday());
    const ts = new Date(yesterday()).toISOString();
    const props = { targets: ['cursor'], scope: 'global', kind: 'fresh' };
    const odd = [
      ...[{ c: -1 }, { e: -1 }, { c: 2 ** 40 }].map((change) => ({
        ...JSON.parse(good),
        ...change,
      })),
      { ev: 'install', ts, props: { targets: ['Ünïcode'] } },
      { ev: 'install', ts, props: { targets: 1.5, scope: 'x'.repeat(100_000) } },
      ...Array.from({ length: 100 }, () => ({ ev: 'install', ts, props })),
    ];
    const texts = odd.map((value) => JSON.stringify(value));
    writeFileSync(join(dataDir, engineQueueFile), [good, ...texts, good].join('\n'));
    const telemetry = open();
    telemetry.setEnabled(true, 'cli');
    await telemetry.flushNow(timeoutMs);
    const events = distinctEvents(ingest.accepted);
    expect(usageIn(events)).toEqual({ serve: '4/0' });
    expect(events.filter(({ event }) => event === 'install')).toHaveLength(100);
  });

  it('leaves a claim alone whose sender may be at work', async () => {
    const { open, dataDir } = newMachine();
    mkdirSync(dataDir);
    const claim = `${engineClaimPrefix}99998.jsonl`;
    writeFileSync(join(dataDir, claim), `${line(yesterday())}\n`);
    await open({
      CODEGRAPH_TELEMETRY: '1',
      CODEGRAPH_TELEMETRY_ENDPOINT: 'http://127.0.0.1:9/',
    }).flushNow(timeoutMs);
    expect(readdirSync(dataDir)).toContain(claim);
  });
});

it('counts in memory alone: no file, no notice', () => {
  const { open, dataDir } = newMachine();
  open().recordUsage('mcp_tool', 'codegraph_explore', true);
  expect(existsSync(dataDir)).toBe(false);
});

it('counts a project that was left for no removal', async () => {
  const { open, dataDir } = newMachine();
  const telemetry = open({}, yesterday);
  telemetry.recordUsage('cli_command', 'uninit', true);
  telemetry.recordLifecycle('uninstall', {});
  telemetry.recordLifecycle('uninstall', { targets: ['cursor'] });
  await telemetry.flushNow(timeoutMs);
  const frames = framesIn(dataDir);
  expect(countsIn(frames)).toEqual({ uninit: '1/0' });
  expect(frames.flatMap(({ events }) => events)).toEqual([['uninstall', { targets: ['cursor'] }]]);
});
