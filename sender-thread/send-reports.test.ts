import { existsSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { lockFile, receiptsFile, spoolFolder } from '../contract/files.ts';
import { Handover } from '../contract/flush.ts';
import {
  builtSenderThread,
  choose,
  crowdedDay,
  homeWith,
  idsIn,
  ledgerIn,
  taskOf,
} from '../spec/support/flushes.ts';
import { frameOf, queries } from '../spec/support/frames.ts';
import { startLoopback, status } from '../spec/support/ingest.ts';
import { noon } from '../spec/support/requests.ts';

const today = 20_780;
const now = noon(today);
const hour = 3_600_000;
const yesterday = frameOf(today - 1, [queries(3, 1)]);

let thread: Awaited<ReturnType<typeof builtSenderThread>>;
beforeAll(async () => {
  thread = await builtSenderThread();
});

describe('in the middle of a POST', () => {
  it('an `off` stops the next one, and takes everything', async () => {
    const paths = homeWith(crowdedDay(today - 1));
    const { url, received } = await startLoopback((...all) => {
      choose(paths, { enabled: false });
      status(204)(...all);
    });
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({ sentReports: 1 });
    expect(received).toHaveLength(1);
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });

  it('an `off` that deletes everything ends the flush as off, with what has arrived', async () => {
    const paths = homeWith(yesterday);
    const { url } = await startLoopback((...all) => {
      choose(paths, { enabled: false });
      rmSync(join(paths.dataDir, spoolFolder), { recursive: true });
      status(204)(...all);
    });
    expect(await thread.flush(taskOf(paths, now, url))).toMatchObject({
      outcome: 'off',
      sentReports: 1,
      sentEvents: 1,
    });
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });

  it('books the next attempt as failed before it is made', async () => {
    const paths = homeWith(crowdedDay(today - 1));
    const failures: unknown[] = [];
    const { url } = await startLoopback((...all) => {
      failures.push(ledgerIn(paths)?.sending);
      status(204)(...all);
    });
    await thread.flush(taskOf(paths, now, url));
    expect(failures).toEqual(
      Array(2).fill(
        expect.objectContaining({
          failures: 1,
          not_before: expect.any(String) as string,
          last_flush: expect.objectContaining({ outcome: 'unanswered' }) as object,
        }),
      ),
    );
    expect(ledgerIn(paths)?.sending).toMatchObject({ failures: 0, not_before: null });
  });

  test.each<[what: string, end: (lock: string, handover: Int32Array) => void]>([
    [
      'an exiting main thread takes the flush away',
      (lock, handover) => {
        Atomics.store(handover, 0, Handover.abandoned);
        unlinkSync(lock);
      },
    ],
    ['another flusher takes it over', (lock) => writeFileSync(lock, 'another')],
  ])('%s, and what may have arrived goes again under its own ids', async (_, end) => {
    const handover = new SharedArrayBuffer(4);
    const paths = homeWith(yesterday);
    const lock = join(paths.dataDir, lockFile);
    const { url, received } = await startLoopback((...all) => {
      end(lock, new Int32Array(handover));
      status(204)(...all);
    });
    expect(await thread.flush(taskOf(paths, now, url, { handover }))).toMatchObject({
      outcome: 'lost',
    });
    expect(ledgerIn(paths)?.reports).toHaveLength(1);
    expect(existsSync(join(paths.dataDir, receiptsFile))).toBe(false);
    if (existsSync(lock)) unlinkSync(lock);
    expect(await thread.flush(taskOf(paths, now + 5_000, url))).toMatchObject({
      outcome: 'waiting',
    });
    await thread.flush(taskOf(paths, now + hour, url));
    const [first, second] = received.map(idsIn);
    expect(second).toEqual(first);
  });
});
