import { expect, it, test } from 'vitest';
import { cliNames, languages } from '../../../contract/report/lists.ts';
import { machineId, reportOf, usageOf } from '../../test/reports.ts';
import { openTestServices, vectorDay } from '../../test/services.ts';
import { freezeReport } from './freeze.ts';
import { writeMessage, type FrozenEvent } from '../ingest/message.ts';
import { readReport, type ReceivedReport } from '../ingest/received.ts';

const { ids } = await openTestServices();

function received(body: unknown): ReceivedReport {
  const reading = readReport(JSON.stringify(body));
  if (!reading.ok) throw new Error(reading.reason);
  return reading.report;
}

async function freeze(body: unknown): ReturnType<typeof freezeReport> {
  const report = received(body);
  return freezeReport(report, await ids.ofMachine(report.machine_id), vectorDay);
}

async function freezeOne(body: unknown): Promise<FrozenEvent> {
  const [event] = (await freeze(body)).events;
  if (event === undefined) throw new Error('nothing was kept');
  return event;
}

it('makes an event that is anonymous and finished', async () => {
  const event = await freezeOne(
    reportOf([usageOf({ name: 'index' }, { ts: '2026-11-22T23:59:59.999Z' })]),
  );
  expect(event).toEqual({
    event: 'usage_rollup',
    uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-/),
    distinct_id: expect.stringMatching(/^[0-9a-f]{8}-/),
    timestamp: '2026-11-22T12:00:00.000Z',
    properties: {
      kind: 'cli_command',
      name: 'index',
      count: 1,
      error_count: 0,
      codegraph_version: '1.6.1',
      os: 'linux',
      arch: 'x64',
      node_major: 24,
      ci: false,
      schema_version: 3,
      sample_rate: 1,
      $process_person_profile: false,
      $geoip_disable: true,
      $ip: null,
    },
  });
  expect(JSON.stringify(event)).not.toContain(machineId);
});

it('makes the same event of the same report, so that a resend is recognised', async () => {
  const body = reportOf([usageOf()]);
  expect(await freeze(body)).toEqual(await freeze(body));
});

it('gives another machine another uuid for the same event id', async () => {
  const event = usageOf();
  const ours = await freezeOne(reportOf([event]));
  const theirs = await freezeOne(
    reportOf([event], { machine_id: 'aeb8257e-bc76-4014-923c-9e4d7beabebb' }),
  );
  expect(theirs.uuid).not.toBe(ours.uuid);
});

it('links a machine over the days of a month and not over months', async () => {
  const { events } = await freeze(
    reportOf(['2026-10-31', '2026-11-01', '2026-11-22'].map((day) => usageOf({}, { ts: day }))),
  );
  const [october, first, later] = events.map((event) => event.distinct_id);
  expect(first).toBe(later);
  expect(first).not.toBe(october);
});

it('keeps two events of schema 2 apart that are alike to the letter', async () => {
  const event = usageOf({}, { event_id: undefined });
  const { events } = await freeze(reportOf([event, event], { schema_version: 2 }));
  expect(new Set(events.map(({ uuid }) => uuid)).size).toBe(2);
});

it('books an event of tomorrow today, as PostHog would take its noon for a mistake', async () => {
  const event = await freezeOne(reportOf([usageOf({}, { ts: '2026-11-24T12:00:00.000Z' })]));
  expect(event.timestamp).toBe('2026-11-23T12:00:00.000Z');
});

test.each([
  ['thirty days back', '2026-10-24T00:00:00.000Z', 1],
  ['thirty-one days back', '2026-10-23T23:59:59.999Z', 0],
  ['tomorrow', '2026-11-24T23:59:59.999Z', 1],
  ['the day after', '2026-11-25T00:00:00.000Z', 0],
  ['no date', 'yesterday', 0],
  ['a date that no calendar has', '2026-13-45T99:00:00.000Z', 0],
  ['a number', 1_795_000_000_000, 0],
  ['nothing', undefined, 0],
])('an event of %s', async (_, ts, kept) => {
  const { events, sums } = await freeze(reportOf([usageOf({}, { ts })]));
  expect(events).toHaveLength(kept);
  expect(sums).toEqual(kept === 1 ? { kept: 1 } : { dropped_out_of_date: 1 });
});

it('says by reason what it dropped', async () => {
  const many = Array.from({ length: 97 }, () => usageOf());
  const { events, sums } = await freeze(
    reportOf([
      { event: 'constructor' },
      usageOf({ count: 0 }),
      usageOf({}, { ts: '1999-01-01' }),
      ...many,
      usageOf(),
    ]),
  );
  expect(events).toHaveLength(97);
  expect(sums).toEqual({
    kept: 97,
    dropped_unknown_event: 1,
    dropped_bad_props: 1,
    dropped_out_of_date: 1,
    dropped_too_many: 1,
  });
});

it('never makes a message that a queue would not take', async () => {
  const longest = [...languages].toSorted((a, b) => b.length - a.length);
  const index = { event: 'index', ts: '2026-11-22T12:00:00.000Z', props: { languages: longest } };
  const name = [...cliNames].toSorted((a, b) => b.length - a.length)[0];
  const usage = usageOf({ name, count: 1_000_000, client_name: 'claude-desktop' });
  for (const event of [index, usage]) {
    const { events } = await freeze(reportOf(Array.from({ length: 100 }, () => event)));
    expect(events).toHaveLength(100);
    // 128 KB for a message, of which 100 bytes are the queue's own.
    const text = JSON.stringify(writeMessage({ id: machineId, events, weeks: {}, sums: {} }));
    expect(text.length).toBeLessThan(127_000);
  }
});

it("says who the machine is in a week over a month's end, and only there", async () => {
  const over = await freeze(
    reportOf([
      usageOf({}, { ts: '2026-10-31T12:00:00.000Z' }),
      usageOf({}, { ts: '2026-11-01T12:00:00.000Z' }),
      usageOf({}, { ts: '2026-11-22T12:00:00.000Z' }),
    ]),
  );
  const [october, november] = over.events;
  expect(over.weeks).toEqual({ '2026-W44': october?.distinct_id });
  expect(november?.distinct_id).not.toBe(october?.distinct_id);
});
