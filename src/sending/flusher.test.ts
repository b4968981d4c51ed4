import files, {
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { readFailure } from '../../contract/failure.ts';
import { bufferFile, ledgerFile, spoolFolder } from '../../contract/files.ts';
import { emptyLedger, formatLedger } from '../../contract/ledger.ts';
import type { FlushResult } from '../../contract/flush.ts';
import { rollUpBufferBytes } from '../../contract/limits.ts';
import { choose, homeWith, ledgerIn } from '../../spec/support/flushes.ts';
import { frameOf, queries } from '../../spec/support/frames.ts';
import { refusingUrl, startLoopback, status } from '../../spec/support/ingest.ts';
import { fileUrl, runProgram, startProgram } from '../../spec/support/programs.ts';
import { machine, noon } from '../../spec/support/requests.ts';
import { temporaryFolder, temporaryPaths } from '../../spec/support/home.ts';
import type { ConsentPaths } from '../../contract/consent.ts';
import { ConsentWatch } from '../consent/watch.ts';
import { Flusher } from './flusher.ts';
import { noteFailure } from './note-failure.ts';

const network = { proxyEnv: undefined, usesSystemCa: false };
const today = 20_780;
const now = noon(today);
const yesterday = frameOf(today - 1, [queries(3)]);
const overrides = { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false };

const nowhere = '/nowhere/thread.mjs';

/** A flush that has no thread to start: what needs one fails. */
async function flushWithoutThread(paths: ConsentPaths): Promise<FlushResult> {
  const endpoint = (await refusingUrl()).href;
  const flusher = new Flusher(new ConsentWatch(overrides, paths), nowhere);
  const result = await flusher.flush({ endpoint, machine, network, now, deadlineMs: 1_000 });
  await flusher.close();
  return result;
}

describe('starts no thread', () => {
  test.each<[what: string, choice: object, outcome: string]>([
    ['when off', { enabled: false }, 'off'],
    [
      'when nobody has seen the notice',
      { enabled: true, consent_source: 'default-notice' },
      'waiting',
    ],
    ['when local', { enabled: false, mode: 'local' }, 'waiting'],
  ])('%s', async (_, choice, outcome) => {
    const paths = homeWith(yesterday);
    choose(paths, choice);
    expect(await flushWithoutThread(paths)).toEqual({ outcome, sentReports: 0, sentEvents: 0 });
  });

  it('when there is nothing', async () => {
    const paths = homeWith();
    expect(await flushWithoutThread(paths)).toMatchObject({ outcome: 'nothing-to-send' });
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });
});

describe('after a failure that is booked', () => {
  const waitingLedger = (notBefore: number): string => {
    const ledger = emptyLedger();
    ledger.sending.not_before = new Date(notBefore).toISOString();
    return formatLedger(ledger);
  };

  test.each<[what: string, notBefore: number, outcome: string]>([
    ['waits without a thread until it may try again', now + 60_000, 'waiting'],
    ['starts one when the wait is over', now, 'failed'],
  ])('%s', async (_, notBefore, outcome) => {
    const paths = homeWith(yesterday);
    writeFileSync(join(paths.dataDir, ledgerFile), waitingLedger(notBefore));
    expect(await flushWithoutThread(paths)).toMatchObject({ outcome });
  });
});

it('takes a claim that an earlier flush left for work', async () => {
  const paths = homeWith(yesterday);
  renameSync(join(paths.dataDir, bufferFile), join(paths.dataDir, spoolFolder, 'claim-abc'));
  expect(await flushWithoutThread(paths)).toMatchObject({ outcome: 'failed' });
});

describe('the reason of a failure', () => {
  const failed: FlushResult = {
    outcome: 'failed',
    sentReports: 0,
    sentEvents: 0,
    detail: 'no room',
  };
  const noted = (paths: ConsentPaths): string | undefined =>
    readFailure(paths.dataDir, files)?.reason;

  it('is kept where the thread never starts, and goes with a flush that runs', async () => {
    const paths = homeWith(yesterday);
    const result = await flushWithoutThread(paths);
    expect(noted(paths)).toMatch(/./);
    expect(result.detail).toContain(noted(paths));
    const { url } = await startLoopback(status(204));
    await runProgram(flushing(built, paths, url));
    expect(noted(paths)).toBeUndefined();
  });

  it('is not kept once telemetry is off', () => {
    const paths = homeWith(yesterday);
    choose(paths, { enabled: false });
    noteFailure(new ConsentWatch(overrides, paths), failed, now);
    expect(noted(paths)).toBeUndefined();
  });

  it('makes no folder', () => {
    const paths = temporaryPaths();
    choose(paths, { enabled: true });
    noteFailure(new ConsentWatch(overrides, paths), failed, now);
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });
});

describe('fails as a value, not as an exception,', () => {
  it.skipIf(process.platform === 'win32')('where it may not look', async () => {
    const paths = temporaryPaths();
    choose(paths, { enabled: true });
    mkdirSync(join(paths.dataDir, spoolFolder));
    symlinkSync(basename(bufferFile), join(paths.dataDir, bufferFile));
    expect(await flushWithoutThread(paths)).toMatchObject({ outcome: 'failed', detail: /ELOOP/ });
  });

  it('though local, when the buffer is so full that it needs a thread', async () => {
    const paths = homeWith(yesterday);
    choose(paths, { enabled: false, mode: 'local' });
    writeFileSync(join(paths.dataDir, bufferFile), new Uint8Array(rollUpBufferBytes));
    expect(await flushWithoutThread(paths)).toMatchObject({ outcome: 'failed' });
  });
});

it('hooks the end of the process once, however many flushes wait', async () => {
  const flusher = new Flusher(new ConsentWatch(overrides, homeWith(yesterday)), nowhere);
  const terms = { endpoint: (await refusingUrl()).href, machine, network, now, deadlineMs: 1_000 };
  // Those of the test before this one go a little later than it ends.
  await expect.poll(() => process.listenerCount('SIGTERM')).toBe(0);

  const flushes = Array.from({ length: 12 }, () => flusher.flush(terms));

  expect(process.listenerCount('SIGTERM')).toBe(1);
  await flusher.close();
  await Promise.all(flushes);
  await expect.poll(() => process.listenerCount('SIGTERM')).toBe(0);
});

/** A program that flushes with the package in `dist`, and prints what came of it. */
function flushing(dist: string, paths: ConsentPaths, endpoint: URL, rest = ''): string {
  return `
    import { openTelemetry } from ${JSON.stringify(new URL('index.js', dist).href)};
    const telemetry = openTelemetry({
      version: '1.6.1',
      endpoint: ${JSON.stringify(endpoint.href)},
      paths: ${JSON.stringify(paths)},
      now: () => ${now},
    });
    const flush = async () => (await telemetry.flush({ timeoutMs: 15_000 })).outcome;
    ${rest}
    console.log(await flush());
    await telemetry.close();
    console.log('closed');`;
}

const built = fileUrl('dist/');

/** A copy of `dist`, which depends on nothing. Returns its URL. */
function copyOfPackage(): string {
  const folder = temporaryFolder();
  cpSync(new URL(built), join(folder, 'dist'), { recursive: true });
  return `${pathToFileURL(join(folder, 'dist')).href}/`;
}

describe('the published package', () => {
  it('sends, and keeps a process only as long as it was told to', async () => {
    const { url, received } = await startLoopback(status(204));
    const paths = homeWith(yesterday);
    const { code, stdout, stderr } = await runProgram(flushing(built, paths, url));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'sent\nclosed\n', stderr: '' });
    expect(received).toHaveLength(1);
  });

  it('flushes once at a time, and sends once', async () => {
    const { url, received } = await startLoopback(status(204));
    const paths = homeWith(yesterday);
    const twice = 'console.log((await Promise.all([flush(), flush()])).join());';
    const { stdout } = await runProgram(flushing(built, paths, url, twice));
    expect(stdout).toBe('sent,nothing-to-send\nnothing-to-send\nclosed\n');
    expect(received).toHaveLength(1);
  });

  it('leaves a flush, with the next one free to begin, when the process ends', async () => {
    const paths = homeWith(yesterday);
    const leave = `
      telemetry.flush();
      process.on('SIGTERM', () => process.exit(7));
      await new Promise((resolve) => setInterval(resolve, 60_000));`;
    // Told to end while it waits for an answer.
    const { url, received } = await startLoopback(() => program.child.kill('SIGTERM'));
    const program = startProgram(flushing(built, paths, url, leave));
    expect(await program.ended).toMatchObject({ code: 7 });
    expect(received).toHaveLength(1);
    expect(readdirSync(join(paths.dataDir, spoolFolder))).not.toContain('lock');
    expect(ledgerIn(paths)?.reports).toHaveLength(1);
  });

  it('does not send again at once what a process left without an answer', async () => {
    const paths = homeWith(yesterday);
    const leave = `
      telemetry.flush();
      process.on('SIGTERM', () => process.exit(7));
      await new Promise((resolve) => setInterval(resolve, 60_000));`;
    let program: ReturnType<typeof startProgram> | undefined;
    const { url, received } = await startLoopback(() => program?.child.kill('SIGTERM'));
    program = startProgram(flushing(built, paths, url, leave));
    await program.ended;
    const [report] = ledgerIn(paths)?.reports ?? [];
    expect(report?.sent_at).toBe(new Date(now).toISOString());
    expect(ledgerIn(paths)?.sending).toMatchObject({ failures: 1 });

    for (let run = 0; run < 3; run++) {
      const { stdout } = await runProgram(flushing(built, paths, url));
      expect(stdout).toBe('waiting\nclosed\n');
    }
    expect(received).toHaveLength(1);

    const later = flushing(built, paths, url, leave).replace(`${now}`, `${now + 60_000}`);
    program = startProgram(later);
    await program.ended;
    expect(received).toHaveLength(2);
    expect(received[1]?.body).toBe(received[0]?.body);
    expect(ledgerIn(paths)?.sending).toMatchObject({
      failures: 2,
      not_before: new Date(now + 60_000 + 120_000).toISOString(),
    });
  });

  it('does not end a host with an error that awaits a flush and has nothing else to do', async () => {
    const { url } = await startLoopback(() => undefined);
    const unattended =
      'console.log((await telemetry.flush()).outcome); process.exit(process.exitCode);';
    const program = flushing(built, homeWith(yesterday), url, unattended);
    const { code, stdout } = await runProgram(program);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'waiting\n' });
  });

  it('compiles the engine once, however many threads it starts', async () => {
    const { url } = await startLoopback(status(204));
    const paths = homeWith(yesterday);
    const dist = copyOfPackage();
    const thread = fileURLToPath(new URL('thread.mjs', dist));
    const again = `
      import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
      const [buffer, kept] = ${JSON.stringify([join(paths.dataDir, bufferFile), `${paths.dataDir}/kept`])};
      copyFileSync(buffer, kept);
      console.log(await flush());
      const thread = readFileSync(${JSON.stringify(thread)}, 'utf8');
      const unable = thread.replaceAll('WebAssembly.compile(', 'WebAssembly.refuse(');
      writeFileSync(${JSON.stringify(thread)}, unable);
      console.log(unable !== thread);
      copyFileSync(kept, buffer);`;
    const { stdout } = await runProgram(flushing(dist, paths, url, again));
    expect(stdout).toBe('sent\ntrue\nsent\nclosed\n');
  });

  it('lets its host have a turn between the steps of opening a thread', async () => {
    const { url } = await startLoopback(status(204));
    const watch = `
      let threads = 0;
      process.on('worker', () => (threads += 1));
      const modules = ['worker_threads', 'perf_hooks', 'assert'].map((name) => 'NativeModule ' + name);
      const seen = new Set();
      const look = () => {
        seen.add(modules.filter((name) => process.moduleLoadList.includes(name)).length + threads);
        if (threads === 0) setImmediate(look);
      };
      look();
      console.log(await flush(), ...seen);`;
    const { stdout } = await runProgram(flushing(built, homeWith(yesterday), url, watch));
    expect(stdout).toBe('sent 0 1 2 3 4\nnothing-to-send\nclosed\n');
  });

  it.each<[what: string, end: string, ending: object]>([
    ['its process exits', 'process.exit(7);', { code: 7, stdout: '' }],
    [
      'it is closed',
      'await telemetry.close(); console.log(await flushed); process.exit();',
      { code: 0, stdout: 'failed\n' },
    ],
  ])('leaves all for the next one if %s while a thread opens', async (_, end, ending) => {
    const paths = homeWith(yesterday);
    const leave = `
      const flushed = flush();
      await new Promise((resolve) => setImmediate(resolve));
      ${end}`;
    const ended = await runProgram(flushing(built, paths, await refusingUrl(), leave));
    expect(ended).toEqual({ signal: null, stderr: '', ...ending });
    expect(readdirSync(join(paths.dataDir, spoolFolder))).toEqual(['buffer.msgpack']);
  });

  // As when a package is updated under a server that runs.
  test.each<[what: string, gone: RegExp]>([
    ['the file of the thread', /^thread\.mjs$/],
    ['the pool', /^sender\.js$/],
    ['everything that was not loaded yet', /^(?!index|chunk)/],
  ])('fails as a value when it has lost %s', async (_, gone) => {
    const dist = copyOfPackage();
    for (const name of readdirSync(new URL(dist)))
      if (gone.test(name)) rmSync(new URL(name, dist), { recursive: true });
    const program = flushing(dist, homeWith(yesterday), await refusingUrl());
    const { code, stdout, stderr } = await runProgram(program);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'failed\nclosed\n', stderr: '' });
  });
});
