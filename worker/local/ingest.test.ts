import { afterEach, expect, test } from 'vitest';
import { closeStages, openStage, reportOf } from './stage.ts';

afterEach(closeStages);

test('a report arrives once, however often it is sent, and without an address', async () => {
  const { posthog, post } = await openStage();
  const report = reportOf(5);
  for (let attempt = 0; attempt < 3; attempt++) {
    expect((await post(report)).status).toBe(204);
  }
  expect((await post(reportOf(1))).status).toBe(204);
  const events = await posthog.waitForEvents(6, 10_000);
  expect(events).toHaveLength(6);
  for (const event of events) {
    expect(event.properties).toMatchObject({
      $ip: null,
      $geoip_disable: true,
      $process_person_profile: false,
    });
  }
});

test('what the sink refuses for a while arrives later, and a bad event alone does not', async () => {
  let requests = 0;
  let bad: string | undefined;
  const { posthog, post } = await openStage(
    { variables: { RETRY_BASE_SECONDS: 1 } },
    {
      fail: (events) => {
        requests += 1;
        if (requests <= 2) return 503;
        bad ??= events[0]?.uuid;
        return events.some(({ uuid }) => uuid === bad) ? 400 : undefined;
      },
    },
  );
  for (let count = 0; count < 20; count++) expect((await post(reportOf(10))).status).toBe(204);
  const events = await posthog.waitForEvents(199, 30_000);
  expect(new Set(events.map(({ uuid }) => uuid)).size).toBe(199);
  expect(events.some(({ uuid }) => uuid === bad)).toBe(false);
});

test('what fails twenty times lies among the dead letters, and arrives when the sink is back', async () => {
  let isAway = true;
  const { ingest, posthog, post } = await openStage(
    { variables: { RETRY_BASE_SECONDS: 0, DEAD_RETRY_SECONDS: 1 } },
    { fail: () => (isAway ? 503 : undefined) },
  );
  expect((await post(reportOf(2))).status).toBe(204);
  await ingest.waitForSum('dead', 1, 30_000);
  isAway = false;
  await posthog.waitForEvents(2, 10_000);
  expect(await ingest.waitForSum('kept', 2, 10_000)).toBe(2);
});

test('what is over the budget is not paid for', async () => {
  const { ingest, posthog, post } = await openStage({ variables: { HOURLY_EVENT_BUDGET: 10 } });
  expect((await post(reportOf(12))).status).toBe(204);
  await posthog.waitForEvents(10, 10_000);
  expect((await post(reportOf(100))).status).toBe(204);
  const overBudget = await ingest.waitForSum('over_budget', 102, 10_000);
  expect(overBudget).toBe(102);
  expect(posthog.events).toHaveLength(10);
});

test('without a key it is counted in a database of its own alone', async () => {
  const { ingest, posthog, post } = await openStage({ variables: { POSTHOG_KEY: '' } });
  const report = reportOf(3);
  await post(report);
  await post(report);
  await post(reportOf(2));
  await ingest.waitForSum('stored', 5, 10_000);
  await ingest.waitForSum('resent', 3, 10_000);
  const [week] = await ingest.query(
    `SELECT machines, uses FROM cells WHERE metric = 'command' AND period LIKE '%W%'`,
  );
  expect(week).toEqual({ machines: 2, uses: 5 });
  expect(posthog.requests).toEqual([]);
});

test('25 reports that are posted four times count once at both sinks, and each send is booked once', async () => {
  const { ingest, posthog, post } = await openStage({
    variables: { SINK: 'both' },
    limits: { PER_MACHINE: 100 },
  });
  const reports = Array.from({ length: 25 }, () => reportOf(3));
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => reports).flatMap((round) =>
      round.map((report) => post(report)),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
  expect(await ingest.waitForSum('stored', 75, 30_000)).toBe(75);
  expect(await ingest.waitForSum('resent', 225, 30_000)).toBe(225);
  expect(await ingest.waitForSum('kept', 300, 30_000)).toBe(300);
  expect(posthog.events).toHaveLength(75);
  const cells = await ingest.query(
    `SELECT machines, uses FROM cells WHERE metric = 'command' ORDER BY period`,
  );
  expect(cells).toEqual([
    { machines: 25, uses: 75 },
    { machines: 25, uses: 75 },
  ]);
  // Consumers that share reports look again; no message has to come a second time.
  const [retried] = await ingest.query(
    `SELECT total FROM sums WHERE key IN ('retried', 'refused_by_store') AND total > 0`,
  );
  expect(retried).toBeUndefined();
  // What comes again in another batch goes to PostHog again, which recognizes it, and is paid for again.
  const sent = posthog.requests.reduce(
    (sum, { body }) => sum + (JSON.parse(body) as { batch: unknown[] }).batch.length,
    0,
  );
  const booked = await ingest.query(
    `SELECT sink, events FROM spending WHERE length(period) = 10 ORDER BY sink`,
  );
  expect(booked).toEqual([
    { sink: 'd1', events: 75 },
    { sink: 'posthog', events: sent },
  ]);
});

test('the hourly canary goes the whole way', async () => {
  const { ingest, posthog } = await openStage();
  await ingest.runRound();
  const [canary] = await posthog.waitForEvents(1, 10_000);
  expect(canary?.properties).toMatchObject({ ci: true, name: 'other', count: 1 });
  await ingest.waitForSum('canary_arrived', 1, 10_000);
  const response = await fetch(`${ingest.url}/v1/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ ok: true });
});

test('limits are those of the bindings', async () => {
  const { post } = await openStage({ limits: { PER_MACHINE: 1, BREAKER: 4 } });
  const report = reportOf(1);
  const statuses: number[] = [];
  // More than two windows can let through, should a new one begin in between.
  for (let attempt = 0; attempt < 3; attempt++) statuses.push((await post(report)).status);
  expect(statuses[0]).toBe(204);
  expect(statuses).toContain(429);
  for (let attempt = 0; attempt < 10; attempt++) statuses.push((await post(reportOf(1))).status);
  expect(statuses).toContain(503);
}, 60_000);

test('a flood of bad bodies takes nothing from good ones', async () => {
  const { ingest, post } = await openStage({ limits: { BAD_BODIES: 3, BREAKER: 2 } });
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) statuses.push((await post('x')).status);
  expect(statuses).toContain(400);
  expect(statuses).toContain(503);
  expect((await post(reportOf(1))).status).toBe(204);
  // Nothing has to be stored for it to be counted.
  expect(await ingest.waitForSum('received', 8, 20_000)).toBe(9);
});
