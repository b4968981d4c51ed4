import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { ConsentOverrides } from '../contract/consent.ts';
import { bufferFile, ledgerFile, lockFile, receiptsFile, spoolFolder } from '../contract/files.ts';
import {
  append,
  builtSenderThread,
  choose,
  crowdedDay,
  idsIn,
  homeWith,
  ledgerIn,
  taskOf,
} from '../spec/support/flushes.ts';
import { framed, frameOf, queries } from '../spec/support/frames.ts';
import { refusingUrl, startLoopback, status } from '../spec/support/ingest.ts';
import { fileUrl, runProgram } from '../spec/support/programs.ts';
import { noon } from '../spec/support/requests.ts';
import { findFaults } from '../spec/support/strict-report.ts';
import { temporaryPaths } from '../spec/support/home.ts';

const today = 20_780;
const now = noon(today);
const hour = 3_600_000;
const yesterday = frameOf(today - 1, [queries(3, 1)]);
let thread: Awaited<ReturnType<typeof builtSenderThread>>;
beforeAll(async () => {
  thread = await builtSenderThread();
});

/** A server that must not be asked anything. */
async function silentServer(): ReturnType<typeof startLoopback> {
  return await startLoopback(status(500));
}

describe('a flush that finds telemetry off', () => {
  it('by its owner, sends nothing and deletes what is there', async () => {
    const { url, received } = await silentServer();
    const paths = homeWith(yesterday);
    choose(paths, { enabled: false });
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({ outcome: 'off' });
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
    expect(received).toEqual([]);
  });

  it('ends as failed, and says why, where what is there cannot be deleted', async () => {
    const { url } = await silentServer();
    const paths = homeWith(yesterday);
    choose(paths, { enabled: false });
    const { handover: _, ...task } = taskOf(paths, now, url);
    const broken = new URL('../spec/support/programs/break-files.mjs', import.meta.url);
    const { stdout, stderr } = await runProgram(`
      await import('${broken.href}?rmSync:telemetry=EBUSY');
      const { flush } = await import('${fileUrl('dist/thread.mjs')}');
      const handover = new SharedArrayBuffer(4);
      console.log(JSON.stringify(await flush({ ...${JSON.stringify(task)}, handover })));`);
    expect([JSON.parse(stdout), stderr]).toEqual([
      {
        outcome: 'failed',
        sentReports: 0,
        sentEvents: 0,
        detail: expect.stringContaining('EBUSY'),
      },
      '',
    ]);
  });

  test.each<[what: string, wish: Partial<ConsentOverrides>, choice: object]>([
    ['by DO_NOT_TRACK', { doNotTrack: '1' }, { enabled: true }],
    ['by CODEGRAPH_TELEMETRY', { codegraphTelemetry: '0' }, { enabled: true }],
    ['by the flag', { hasFlag: true }, { enabled: true }],
    ['by a choice that cannot be read', {}, { enabled: 'maybe' }],
  ])(
    'for this process alone, sends nothing and leaves what is there: %s',
    async (_, wish, choice) => {
      const { url, received } = await silentServer();
      const paths = homeWith(yesterday);
      choose(paths, choice);
      const overrides = {
        doNotTrack: undefined,
        codegraphTelemetry: undefined,
        hasFlag: false,
        ...wish,
      };
      const result = await thread.flush(taskOf(paths, now, url, { overrides }));
      expect(result).toMatchObject({ outcome: 'off' });
      expect(readdirSync(join(paths.dataDir, spoolFolder))).toEqual(['buffer.msgpack']);
      expect(received).toEqual([]);
    },
  );

  it('makes no folder', async () => {
    const paths = temporaryPaths();
    choose(paths, { enabled: false });
    await thread.flush(taskOf(paths, now, await refusingUrl()));
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });
});

describe('a flush that may not send', () => {
  test.each<[what: string, choice: object]>([
    ['before anybody saw the notice', { enabled: true, consent_source: 'default-notice' }],
    ['as it is local', { enabled: false, mode: 'local' }],
  ])('counts, and makes no id: %s', async (_, choice) => {
    const { url, received } = await silentServer();
    const paths = homeWith(yesterday);
    choose(paths, choice);
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({ sentReports: 0 });
    expect(ledgerIn(paths)).toMatchObject({
      identity: null,
      reports: [],
      days: { '2026-11-22': { usage: [{ name: 'query', count: 3, error_count: 1 }] } },
    });
    expect(received).toEqual([]);
  });

  it('as the endpoint is none, says so and keeps what it counted', async () => {
    const paths = homeWith(yesterday);
    const task = taskOf(paths, now, 'http://telemetry.example.com/');
    expect(await thread.flush(task)).toMatchObject({ outcome: 'failed', detail: /./ });
    expect(ledgerIn(paths)).toMatchObject({ identity: null, days: { '2026-11-22': {} } });
  });

  it('while another flushes, leaves all to that', async () => {
    const { url, received } = await silentServer();
    const paths = homeWith(yesterday);
    writeFileSync(join(paths.dataDir, lockFile), 'another');
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({ outcome: 'busy' });
    expect(readdirSync(join(paths.dataDir, spoolFolder))).toEqual(['buffer.msgpack', 'lock']);
    expect(received).toEqual([]);
  });

  it('as there is nothing, leaves nothing', async () => {
    const paths = homeWith();
    const task = taskOf(paths, now, await refusingUrl());
    expect(await thread.flush(task)).toMatchObject({ outcome: 'nothing-to-send' });
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });
});

describe('a flush', () => {
  it('sends the day that is over, once, and keeps the receipt', async () => {
    const { url, received } = await startLoopback(status(204));
    const paths = homeWith(yesterday, frameOf(today, [queries(1)]));
    expect(await thread.flush(taskOf(paths, now, url))).toEqual({
      outcome: 'sent',
      sentReports: 1,
      sentEvents: 1,
    });
    const [{ body } = { body: '' }] = received;
    expect(findFaults(body)).toEqual([]);
    expect(JSON.parse(body)).toMatchObject({ events: [{ props: { count: 3, error_count: 1 } }] });
    const [receipt = ''] = readFileSync(join(paths.dataDir, receiptsFile), 'utf8').split('\n');
    expect(JSON.parse(receipt)).toMatchObject({ body });
    expect(ledgerIn(paths)).toMatchObject({
      reports: [],
      sending: { last_flush: { outcome: 'sent' } },
    });
    expect(existsSync(join(paths.dataDir, lockFile))).toBe(false);

    append(paths, frameOf(today - 1, [queries(4)]));
    await thread.flush(taskOf(paths, now + hour, url));
    expect(JSON.parse(received[1]?.body ?? '')).toMatchObject({
      events: [{ props: { count: 4 } }],
    });
    await thread.flush(taskOf(paths, now + 2 * hour, url));
    expect(received).toHaveLength(2);
  });

  test.each<[code: number, outcome: string]>([
    [503, 'postponed'],
    [429, 'postponed'],
    [301, 'postponed'],
  ])('that is answered %i waits, and then sends the same ids', async (code, outcome) => {
    let answer = status(code);
    const { url, received } = await startLoopback((...all) => answer(...all));
    const paths = homeWith(yesterday);
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({ outcome });
    expect(await thread.flush(taskOf(paths, now + 1_000, url))).toMatchObject({
      outcome: 'waiting',
    });
    expect(received).toHaveLength(1);
    answer = status(204);
    expect(await thread.flush(taskOf(paths, now + hour, url))).toMatchObject({ outcome: 'sent' });
    const [first, second] = received.map(idsIn);
    expect(second).toEqual(first);
  });

  it('that is answered 410 is the last one', async () => {
    const { url, received } = await startLoopback(status(410));
    const paths = homeWith(yesterday);
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({ outcome: 'stopped' });
    append(paths, yesterday);
    await thread.flush(taskOf(paths, now + 24 * hour, url));
    expect(received).toHaveLength(1);
  });

  it('that is answered 400 drops the report, and sends the next', async () => {
    const { url, received } = await startLoopback((...all) =>
      status(received.length > 1 ? 204 : 400)(...all),
    );
    const paths = homeWith(crowdedDay(today - 1));
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({
      outcome: 'sent',
      sentReports: 1,
    });
    expect(received).toHaveLength(2);
    expect(ledgerIn(paths)).toMatchObject({ reports: [], lost: { refused_reports: 1 } });
  });

  it('is over when its time is', async () => {
    const { url } = await startLoopback(() => {});
    const paths = homeWith(crowdedDay(today - 1));
    const startedAt = performance.now();
    const result = await thread.flush(taskOf(paths, now, url, { deadlineMs: 300 }));
    expect(result).toMatchObject({ outcome: 'unanswered', sentReports: 0 });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(ledgerIn(paths)?.reports).toHaveLength(2);
  });

  it('sets a damaged ledger aside, once, and goes on', async () => {
    const paths = homeWith(frameOf(today, [queries(1)]));
    writeFileSync(join(paths.dataDir, ledgerFile), 'alice was here');
    await thread.flush(taskOf(paths, now, await refusingUrl()));
    await thread.flush(taskOf(paths, now, await refusingUrl()));
    expect(readFileSync(join(paths.dataDir, spoolFolder, 'ledger.damaged.json'), 'utf8')).toBe(
      'alice was here',
    );
    expect(ledgerIn(paths)?.days).toMatchObject({ '2026-11-23': { usage: [{ count: 1 }] } });
  });

  it('does not send again what it could keep no receipt of', async () => {
    const { url, received } = await startLoopback(status(204));
    const paths = homeWith(yesterday);
    mkdirSync(join(paths.dataDir, receiptsFile));
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({ outcome: 'failed' });
    await thread.flush(taskOf(paths, now + hour, url));
    expect(received).toHaveLength(1);
  });
});

describe('what a newer version has written is left alone:', () => {
  it('a ledger, with all that waits to be counted', async () => {
    const { url, received } = await silentServer();
    const paths = homeWith(yesterday);
    const newer = '{"ledger_version":2,"stopped":true}';
    writeFileSync(join(paths.dataDir, ledgerFile), newer);
    const before = readdirSync(join(paths.dataDir, spoolFolder));
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('newer version') as string,
    });
    expect(readFileSync(join(paths.dataDir, ledgerFile), 'utf8')).toBe(newer);
    expect(readdirSync(join(paths.dataDir, spoolFolder))).toEqual(before);
    expect(received).toEqual([]);
  });

  it('a frame, and its claim', async () => {
    const { url, received } = await startLoopback(status(204));
    const paths = homeWith(yesterday);
    const newer = framed(Uint8Array.of(0x92, 2, 0xc0));
    writeFileSync(join(paths.dataDir, bufferFile), newer, { flag: 'a' });
    await thread.flush(taskOf(paths, now, url));
    await thread.flush(taskOf(paths, now + hour, url));
    expect(received).toHaveLength(1);
    const [claim = ''] = readdirSync(join(paths.dataDir, spoolFolder)).filter((name) =>
      name.startsWith('claim-'),
    );
    const bytes = readFileSync(join(paths.dataDir, spoolFolder, claim));
    expect(bytes.subarray(-newer.length)).toEqual(Buffer.from(newer));
    expect(ledgerIn(paths)?.lost.damaged_bytes).toBe(0);
  });
});

it.skipIf(process.platform === 'win32')(
  'takes back what others may do with its files',
  async () => {
    const paths = homeWith(yesterday);
    const spool = join(paths.dataDir, spoolFolder);
    chmodSync(spool, 0o755);
    writeFileSync(join(spool, 'notice.json'), '{}', { mode: 0o644 });
    await thread.flush(taskOf(paths, now, await refusingUrl()));
    const modes = ['.', 'notice.json', 'ledger.json'].map(
      (name) => statSync(join(spool, name)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  },
);

it('shows what it would send, and leaves everything as it is', async () => {
  const paths = homeWith(yesterday, frameOf(today, [queries(1)]));
  const { machine } = taskOf(paths, now, '');
  const before = readFileSync(join(paths.dataDir, spoolFolder, 'buffer.msgpack'));
  const { ledger, reports, isDue } = await thread.preview({ paths, machine, now });
  expect(isDue).toBe(true);
  expect(reports.map((text) => findFaults(text))).toEqual([[]]);
  expect(JSON.parse(ledger)).toMatchObject({ identity: null, reports: [] });
  expect(readdirSync(join(paths.dataDir, spoolFolder))).toEqual(['buffer.msgpack']);
  expect(readFileSync(join(paths.dataDir, spoolFolder, 'buffer.msgpack'))).toEqual(before);
});
