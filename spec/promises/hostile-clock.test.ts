import { describe, expect, it } from 'vitest';
import { dayMs } from '../support/clock.ts';
import { ledgerIn } from '../support/flushes.ts';
import { openHome } from '../support/home.ts';
import { busyHost, leaveQuery, runIn, usageOnBetterDay } from '../support/hostile.ts';
import { countAt, writeHost } from '../support/host.ts';
import { distinctEvents, startIngest, usageIn } from '../support/ingest.ts';
import { preload } from '../support/paths.ts';
import type { Tally } from '../support/tally.ts';

/**
 * Whatever a clock says for a while, a process ends as it would without us. When it is right again,
 * each count arrives once, but for those that no true day can be told of: the ledger gives them as lost.
 */

interface WrongClock {
  readonly name: string;
  readonly aheadMs: number;
  /** What of one `query` before and two `sync` meanwhile has been sent by then, and in the end. */
  readonly sent: Tally;
  readonly arrived: Tally;
  /** Totals that were dropped. */
  readonly lost: number;
}

const clocks: readonly WrongClock[] = [
  {
    name: 'a day back',
    aheadMs: -dayMs,
    sent: {},
    arrived: { query: '1/0', sync: '2/0' },
    lost: 0,
  },
  {
    name: 'a day ahead',
    aheadMs: dayMs,
    sent: { query: '1/0' },
    arrived: { query: '1/0', sync: '2/0' },
    lost: 0,
  },
  // A query of a year ago, and two flushes' worth of commands in a year from now.
  { name: 'a year ahead', aheadMs: 365 * dayMs, sent: {}, arrived: {}, lost: 3 },
];

describe.concurrent('with a clock that is for a while', () => {
  it.for(clocks)('$name', async ({ aheadMs, sent, arrived, lost }) => {
    using home = openHome();
    await using ingest = await startIngest();
    const world = { flags: [`${preload('wrong-clock.mjs')}?ms=${aheadMs}`] };
    const host = [writeHost(home, busyHost)];
    leaveQuery(home);

    const alone = await runIn(home, world, host, { CODEGRAPH_TELEMETRY: '0' });
    const counting = await runIn(home, world, host, ingest.consent);

    expect(alone.code).toBe(3);
    expect(counting).toEqual(alone);
    expect(usageIn(distinctEvents(ingest.bodies))).toEqual(sent);

    await countAt(home, Date.now(), `telemetry.count('cli_command', 'status');`);
    expect(await usageOnBetterDay(home, ingest)).toEqual({ ...arrived, status: '1/0' });
    const ledger = ledgerIn({ dataDir: home.folder, policyFile: '' });
    expect(ledger?.lost.out_of_date).toBe(lost);
  });
});
