import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import type { FlushResult } from '../../contract/flush.ts';
import type { Telemetry } from '../telemetry.ts';
import { keepSending } from './keep-sending.ts';

const nothing: FlushResult = { outcome: 'nothing-to-send', sentReports: 0, sentEvents: 0 };

/** A telemetry that says what it was asked for. */
function watched(): Pick<Telemetry, 'flush' | 'flushEvery'> & {
  readonly asked: EventEmitter;
  readonly intervals: number[];
  flushes: number;
} {
  const asked = new EventEmitter();
  return {
    asked,
    intervals: [],
    flushes: 0,
    flush() {
      this.flushes += 1;
      asked.emit('flush');
      return Promise.resolve(nothing);
    },
    flushEvery(intervalMs) {
      this.intervals.push(intervalMs);
    },
  };
}

describe('keepSending', () => {
  it('flushes once after a while, never at once, and asks for an interval', async () => {
    const telemetry = watched();
    const flushed = once(telemetry.asked, 'flush');

    keepSending(telemetry, { everyMs: 60_000, firstMs: 10 });

    expect(telemetry).toMatchObject({ flushes: 0, intervals: [60_000] });
    await flushed;
    expect(telemetry).toMatchObject({ flushes: 1, intervals: [60_000] });
  });

  it('flushes four times a day unless told otherwise', () => {
    const telemetry = watched();
    keepSending(telemetry);
    expect(telemetry).toMatchObject({ flushes: 0, intervals: [21_600_000] });
  });

  test.each([
    ['seconds in place of milliseconds', { everyMs: 60 }],
    ['nothing', { everyMs: 0 }],
    ['the past', { firstMs: -1 }],
    ['no number', { everyMs: Number.NaN }],
    ['for ever', { everyMs: Infinity }],
    ['more than a timer can hold', { firstMs: 2 ** 31 }],
    ['a text', { everyMs: 'hourly' as unknown as number }],
  ])('refuses %s', (_, pace) => {
    const telemetry = watched();
    expect(() => keepSending(telemetry, pace)).toThrow(RangeError);
    expect(telemetry).toMatchObject({ flushes: 0, intervals: [] });
  });

  it('keeps no process alive', () => {
    const module = fileURLToPath(new URL('keep-sending.ts', import.meta.url));
    const program = `
      import { keepSending } from ${JSON.stringify(module)};
      const flush = () => { console.log('flushed'); };
      keepSending({ flush, flushEvery: () => {} }, { firstMs: 60_000 });
      console.log('started');
    `;
    const args = ['--input-type=module', '--eval', program];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'started\n' });
  });
});
