import { beforeEach, expect, it } from 'vitest';
import { formatDay, formatMonth, type DayNumber } from '../../../contract/day.ts';
import { emptyLedger, formatLedger, parseLedger } from '../../../contract/ledger.ts';
import type { OutgoingReport } from '../../../contract/sandbox.ts';
import { absorb } from '../../../sender-thread/guest/absorb.ts';
import { bookAnswer } from '../../../sender-thread/guest/book-answer.ts';
import type { QueueMessage } from '../ingest/message.ts';
import { dayNamed } from '../../test/services.ts';
import { count, emptyDatabase, messageOf, noonAt, readCells } from '../../test/statistics.ts';

/** A year through the client's guest, the door and both sinks: how many machines each of them sees. */

beforeEach(emptyDatabase);

const machine = {
  codegraph_version: '1.6.1',
  os: 'linux',
  arch: 'x64',
  node_major: 24,
  ci: false,
} as const;
const usage = { kind: 'cli_command', name: 'query', count: 3, error_count: 0 } as const;

/** A machine that is used every so many days, and flushes when it is used. */
class UsedMachine {
  readonly everyDays: number;
  #ledger = formatLedger(emptyLedger());

  constructor(everyDays: number) {
    this.everyDays = everyDays;
  }

  /** Uses it once, and gives the reports that a flush sends then. */
  use(today: DayNumber): readonly OutgoingReport[] {
    const ledger = parseLedger(this.#ledger) ?? emptyLedger();
    ledger.days[formatDay(today)] = { usage: [{ ...usage }], events: [] };
    const ids = Array.from({ length: 3 }, () => crypto.randomUUID());
    const now = noonAt(today);
    const absorbed = absorb({
      ledger: formatLedger(ledger),
      claims: [],
      maxBytes: 0,
      today,
      now,
      reporter: { machine, newMachineIds: ids, inheritedMachineId: null },
      randomBytes: crypto.getRandomValues(new Uint8Array(16 * 100)),
    });
    this.#ledger = absorbed.ledger;
    for (const { batchId } of absorbed.reports) {
      const request = { ledger: this.#ledger, now, batchId, jitter: 0 };
      this.#ledger = bookAnswer({ ...request, result: { kind: 'accepted' } }).ledger;
    }
    return absorbed.reports;
  }
}

// A year is some thousand statements of the database, on a machine that may be busy.
const maxMs = 120_000;

it('sees exactly one machine for each machine and month', { timeout: maxMs }, async () => {
  const machines = [1, 2, 7].map((everyDays) => new UsedMachine(everyDays));
  const [from, to] = [dayNamed('2026-01-01'), dayNamed('2026-12-31')];
  /** By month, what PostHog takes for a person. */
  const persons = new Map<string, Set<string>>();
  /** Of all machines, the months that anything was sent of. */
  const sent = new Set<string>();
  const waiting: QueueMessage[] = [];
  for (let today = from; today <= to; today++) {
    const used = machines.filter(({ everyDays }) => (today - from) % everyDays === 0);
    const reports = used.flatMap((each) => each.use(today).map(({ text }) => text));
    const messages = await Promise.all(
      reports.map(async (text) => await messageOf(JSON.parse(text), today)),
    );
    waiting.push(...messages);
    // The queue holds some of them back.
    if (today % 3 === 0 || today === to) await count(waiting.splice(0), noonAt(today));
    for (const { timestamp, distinct_id } of messages.flatMap(({ events }) => events)) {
      const month = timestamp.slice(0, 7);
      sent.add(month);
      persons.set(month, (persons.get(month) ?? new Set()).add(distinct_id));
    }
  }
  const months = [...sent].toSorted();
  expect(months).toHaveLength(12);
  expect(months[11]).toBe(formatMonth(to));
  const cells = await readCells();
  expect(
    months.map((month) => [month, persons.get(month)?.size, cells.get(`${month}|os|linux`)?.[0]]),
  ).toEqual(months.map((month) => [month, machines.length, machines.length]));
});
