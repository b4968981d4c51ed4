import { describe, expect, it } from 'vitest';
import { runBursts } from './burst.ts';
import { runChaos } from './chaos.ts';

/** Short forms of `npm run chaos`. A retry would hide what they are for. */
const options = { retry: 0, timeout: 300_000 };

// Windows has no signals.
describe.skipIf(process.platform === 'win32')('nothing is lost or doubled', options, () => {
  it('in 10 seconds of random kills, with a hostile ingest', async () => {
    const seed = Date.now() % 2 ** 31;
    const { verdict, kills } = await runChaos(seed, 10);

    expect(verdict, `seed ${seed}`).toMatchObject({ lost: 0, doubled: 0, problems: [] });
    expect(verdict.begun).toBeGreaterThan(0);
    expect(kills).toBeGreaterThan(0);
  });

  it('when 100 processes end at once, and what they share is one event', async () => {
    const { verdict, sharedCounts } = await runBursts(100, 1);

    expect(verdict).toMatchObject({ known: 101, arrived: 101, problems: [] });
    // The last one is of the day after, which delivers the others.
    expect(sharedCounts).toEqual([100, 1]);
  });
});
