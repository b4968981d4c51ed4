import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { formatDay } from '../../../contract/day.ts';
import { forge } from '../../test/attack.ts';
import { reportOf, usageOf } from '../../test/reports.ts';
import { dayNamed } from '../../test/services.ts';
import {
  consume,
  count,
  emptyDatabase,
  messageOf,
  noonAt,
  testIds,
} from '../../test/statistics.ts';
import { openAllowances } from '../forward/allowance.ts';
import type { Sums } from '../forward/tally.ts';
import type { QueueMessage } from '../ingest/message.ts';
import { maxEventsPerMachineDay } from '../limits.ts';
import { makePublished, type Published } from './publish.ts';
import type { Cell } from './regression.ts';
import { publicRules, shareOf } from './rules.ts';

beforeEach(emptyDatabase);

const today = dayNamed('2026-11-18');
const now = noonAt(today);

// A week of 41,000 true machines, as the statistics hold them.
const truth: readonly (readonly [
  metric: string,
  value: string,
  machines: number,
  uses?: number,
])[] = [
  ['machines', 'all', 41_000, 5_000_000],
  ['os', 'darwin', 18_000],
  ['os', 'linux', 16_500],
  ['os', 'win32', 6_500],
  ['version', '1.7.1', 29_000],
  ['version', '1.7.0', 11_900],
  ['version', '1.6.1', 100],
  ['tool', 'codegraph_explore', 29_000, 1_900_000],
  ['tool', 'codegraph_status', 4_500, 38_000],
  ['agent', 'claude-code', 24_000, 2_400_000],
];

async function publish(): Promise<Published> {
  const { results } = await env.DB.prepare(
    `SELECT metric, value, machines, uses, errors, failing FROM cells WHERE period = '2026-W47'`,
  ).all<Cell>();
  const facts = {
    period: '2026-W47',
    rate: 1,
    published: '2026-11-26',
    isFinal: false,
    machinesBefore: 40_000,
    counting: { refused: 0, late: 0, held_back: 0, newcomers_held: 90, canary: true },
  };
  return makePublished(results, facts, publicRules);
}

async function fillTruth(): Promise<void> {
  await env.DB.batch(
    truth.map(([metric, value, machines, uses = 0]) =>
      env.DB.prepare(`INSERT INTO cells VALUES ('2026-W47', ?1, ?2, ?3, ?4, 0, 0)`).bind(
        metric,
        value,
        machines,
        uses,
      ),
    ),
  );
}

/** The largest change of a published share, in points. */
function largestShift(before: Published, after: Published): number {
  const sharesOf = ({ metrics, machines }: Published): Map<string, number> =>
    new Map(
      Object.entries(metrics).flatMap(([metric, { cells }]) =>
        cells.map(({ value, machines: own }) => [
          `${metric} ${value}`,
          shareOf(own, machines ?? 1),
        ]),
      ),
    );
  const then = sharesOf(before);
  const shares = sharesOf(after);
  return Math.max(
    ...[...new Set([...then.keys(), ...shares.keys()])].map((key) =>
      Math.abs((shares.get(key) ?? 0) - (then.get(key) ?? 0)),
    ),
  );
}

it('counts what one machine forges as one machine, however much it is', async () => {
  await fillTruth();
  const before = await publish();
  const machine = crypto.randomUUID();
  // More than the door takes of one machine in an hour: its limiter ends at six a minute.
  for (let batch = 0; batch < 4; batch++) {
    const forged = Array.from({ length: 100 }, (_, at) =>
      messageOf(forge(machine, today, 100 * batch + at), today),
    );
    await count(await Promise.all(forged), now);
  }
  const cellOf = (metric: string, value: string): Promise<Cell | null> =>
    env.DB.prepare(`SELECT * FROM cells WHERE period = '2026-W47' AND metric = ?1 AND value = ?2`)
      .bind(metric, value)
      .first<Cell>();
  expect(await cellOf('machines', 'all')).toMatchObject({ machines: 41_001 });
  expect(await cellOf('tool', 'codegraph_status')).toMatchObject({
    machines: 4_501,
    uses: 39_000,
    failing: 1,
  });
  const after = await publish();
  expect(largestShift(before, after)).toBe(0);
  // The small, true version is there as before, and none of the forged.
  expect(after.metrics.version?.cells).toEqual(before.metrics.version?.cells);
});

it('moves no share by a point for three hundred invented machines, and shows none of their versions', async () => {
  await fillTruth();
  const before = await publish();
  for (let batch = 0; batch < 3; batch++) {
    const forged = Array.from({ length: 100 }, (_, at) =>
      messageOf(forge(crypto.randomUUID(), today, 100 * batch + at), today),
    );
    await count(await Promise.all(forged), now);
  }
  const after = await publish();
  expect(largestShift(before, after)).toBeLessThanOrEqual(1);
  expect(after.metrics.version?.cells.map(({ value }) => value)).toEqual([
    '1.7.1',
    '1.7.0',
    '1.6.1',
  ]);
});

describe('ten thousand invented machines in an hour', () => {
  // 41,000 machines a week send so many reports in an hour.
  const usual = 950;
  const forgedInHour = 10_000;

  async function fillHours(): Promise<void> {
    await env.DB.batch(
      Array.from({ length: 21 }, (_, days) =>
        env.DB.prepare('INSERT INTO hours VALUES (?1, ?2, ?3, 40)').bind(
          `${formatDay(today - 1 - days)}T12`,
          usual + 40,
          // Floods that were counted as such do not make the next one usual.
          usual + (days % 5) * 20 - 40,
        ),
      ),
    );
  }

  /** A true machine's report, of a version that is new. */
  const report = (machine: string, codegraph_version: string): Promise<QueueMessage> =>
    messageOf(
      reportOf([usageOf({}, { ts: '2026-11-18T12:00:00.000Z' })], {
        machine_id: machine,
        batch_id: crypto.randomUUID(),
        codegraph_version,
      }),
      today,
    );

  async function flood(from: number, hours: number): Promise<number> {
    let held = 0;
    for (let sent = 0; sent < forgedInHour * hours; sent += 100) {
      const forged = Array.from({ length: 100 }, (_, at) =>
        messageOf(forge(crypto.randomUUID(), today, sent + at, 1), today),
      );
      const at = from + (sent / forgedInHour) * 3_600_000;
      held += (await consume(await Promise.all(forged), at)).newcomers_held ?? 0;
    }
    return held;
  }

  it('move no share by more than a point, and hide no true version', async () => {
    await fillTruth();
    await fillHours();
    const owners = Array.from({ length: 80 }, () => crypto.randomUUID());
    await consume(
      await Promise.all(owners.map((owner) => report(owner, '1.7.1'))),
      now - 3_600_000,
    );
    const before = await publish();
    const held = await flood(now, 1);
    // True machines that were counted before report a release that came out in the middle of it.
    await consume(
      await Promise.all(owners.map((owner) => report(owner, '1.8.0'))),
      now + 3_599_000,
    );
    const after = await publish();
    const taken = forgedInHour - held;
    console.log(JSON.stringify({ taken, shift: largestShift(before, after) }));
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(410);
    expect(largestShift(before, after)).toBeLessThanOrEqual(1);
    expect(after.metrics.version?.cells).toContainEqual({ value: '1.8.0', machines: 80 });
    for (const cell of before.metrics.version?.cells ?? []) {
      expect(after.metrics.version?.cells).toContainEqual(cell);
    }
  }, 120_000);

  it('keep new machines out until a day has passed without a flood, and no longer', async () => {
    await fillHours();
    await flood(now, 0.1);
    const newcomer = crypto.randomUUID();
    const arriveAt = async (hours: number): Promise<Sums> =>
      consume([await report(newcomer, '1.7.1')], now + hours * 3_600_000);
    expect(await arriveAt(2)).toMatchObject({ newcomers: 1, newcomers_held: 1 });
    expect(await arriveAt(23)).toMatchObject({ newcomers_held: 1 });
    expect(await arriveAt(25)).toMatchObject({ newcomers: 1, stored: 1 });
    expect(await arriveAt(26)).toMatchObject({ known: 1, stored: 1 });
  });

  it('are let in where an outage has held them up', async () => {
    await fillHours();
    const machines = Array.from({ length: 500 }, (_, at) =>
      messageOf(forge(crypto.randomUUID(), today, at, 1), today),
    );
    expect(await consume(await Promise.all(machines), now, 2)).toMatchObject({ stored: 500 });
  });

  it('are let in on the first of a month, when every machine is new', async () => {
    await fillHours();
    const first = noonAt(dayNamed('2026-12-01'));
    await env.DB.prepare(`UPDATE hours SET hour = replace(hour, '2026-11-18', '2026-12-01')`).run();
    const machines = Array.from({ length: 500 }, (_, at) =>
      messageOf(forge(crypto.randomUUID(), dayNamed('2026-12-01'), at, 1), dayNamed('2026-12-01')),
    );
    const sums = await consume(await Promise.all(machines), first);
    expect(sums).toMatchObject({ newcomers: 500, stored: 500 });
    expect(sums.newcomers_held).toBeUndefined();
  });
});

it('takes no more events of one machine on one day than its allowance', async () => {
  const allowances = openAllowances(env.DB, testIds, now);
  const machine = crypto.randomUUID();
  let taken = 0;
  for (let at = 0; at < 30; at++) {
    const message = await messageOf(forge(machine, today, at), today);
    const [events = []] = await allowances.cut([message]);
    taken += events.length;
    await allowances.charge([{ ...message, events }]);
  }
  expect(taken).toBe(maxEventsPerMachineDay);
  const other = await messageOf(forge(crypto.randomUUID(), today, 1), today);
  expect((await allowances.cut([other]))[0]).toHaveLength(100);
});
