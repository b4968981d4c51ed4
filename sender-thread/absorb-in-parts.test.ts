import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatDay } from '../contract/day.ts';
import type { FrameCounter } from '../contract/frame.ts';
import { spoolFolder } from '../contract/files.ts';
import { homeWith, ledgerIn } from '../spec/support/flushes.ts';
import { frameOf } from '../spec/support/frames.ts';
import { builtImage } from '../spec/support/guests.ts';
import { requestOf } from '../spec/support/requests.ts';
import { absorbInParts } from './absorb-in-parts.ts';
import { takeClaims } from './claim.ts';
import { readLedger } from './ledger.ts';

const today = 20_780;

/** A lock that a process takes with it at its end, after so many commits. */
function lockFor(commits: number) {
  let left = commits;
  return {
    beat: () => undefined,
    commit<T>(change: () => T): T {
      if (left-- === 0) throw new Error('the process ends');
      return change();
    },
  };
}

it('gets through a buffer of distinct counters though each flush is cut short', async () => {
  const frames = Array.from({ length: 250 }, (_, major) => {
    const counters = Array.from({ length: 8 }, (__, minor): FrameCounter => [
      1,
      'codegraph_explore',
      1,
      0,
      'zed',
      `${major}.${minor}`,
    ]);
    return frameOf(today, counters);
  });
  const { dataDir } = homeWith(...frames);
  const image = await builtImage();
  const spool = join(dataDir, spoolFolder);
  expect(statSync(join(spool, 'buffer.msgpack')).size).toBeGreaterThan(60_000);

  const offsets: number[] = [];
  for (let run = 0; readdirSync(spool).some((name) => /^(?:buffer|claim)/.test(name)); run++) {
    const claims = takeClaims(dataDir, `run${run}`).map((claim) => ({ ...claim, isFinal: true }));
    const request = requestOf(today, { ledger: readLedger(dataDir), claims });
    await absorbInParts(image, request, lockFor(1), dataDir, `run${run}`).catch(() => undefined);
    offsets.push(Object.values(ledgerIn({ dataDir, policyFile: '' })?.claims ?? {})[0] ?? 0);
  }
  const counted = ledgerIn({ dataDir, policyFile: '' })?.days[formatDay(today)]?.usage ?? [];
  expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(2_000);
  expect(offsets.length).toBeGreaterThan(3);
  expect(offsets.length).toBeLessThan(9);
  expect(offsets).toEqual(offsets.toSorted((one, other) => one - other));
});
