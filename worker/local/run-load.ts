import { maxCount } from '../../contract/limits.ts';
import { isBad, openFaultySink, type Faults } from './faulty-sink.ts';
import { readHeapMb } from './isolate-heap.ts';
import { openStage, reportOf } from './stage.ts';

export interface LoadOptions {
  readonly reports: number;
  readonly eventsPerReport: number;
  /** Reports on their way at the same time. */
  readonly connections: number;
  /** Left out, the sink only refuses bad events. */
  readonly faults?: Faults;
}

export interface LoadResult {
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Events that must arrive; and those that the sink refuses for ever. */
  readonly expected: number;
  readonly refused: number;
  /** Of these that did not arrive; others that did; and those that PostHog would hold twice. */
  readonly missing: number;
  readonly unexpected: number;
  readonly doubled: number;
  /** Requests that the sink got. */
  readonly sends: number;
  /** Of the ingest's isolate, after each tenth of the reports, and at the end. */
  readonly heapMb: readonly number[];
  readonly postedMs: number;
  readonly settledMs: number;
}

// A client whose answer got lost sends the same report again: one in fifty.
const resendEvery = 50;

// Six attempts a second apart, then a minute for the next six: as with the 15 seconds of production,
// a sink that is away for a while is outlasted by far, and what remains is not waited for for hours.
const retryBaseS = 0.02;

const settleTimeoutMs = 900_000;

/**
 * Many reports from many machines through the ingest to a sink with faults. An event is recognised by
 * its `count`: no two have the same, and the ingest leaves it as it is. Resolves when all messages
 * are settled.
 *
 * @throws RangeError when there are more events than counts.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { reports, eventsPerReport, connections, faults } = options;
  const events = reports * eventsPerReport;
  if (events > maxCount) throw new RangeError(`expected at most ${maxCount} events, got ${events}`);
  const arrivals = new Uint8Array(maxCount + 1);
  const sink = openFaultySink(faults);
  const { ingest, post } = await openStage(
    {
      variables: {
        RETRY_BASE_SECONDS: retryBaseS,
        HOURLY_EVENT_BUDGET: 1e9,
        DAILY_EVENT_BUDGET: 1e9,
      },
      isInspected: true,
      isUnlimited: true,
    },
    {
      isForgetful: true,
      fail: sink.fail,
      onEvents: (arrived) => {
        for (const { properties } of arrived) {
          const number = Number(properties['count']);
          arrivals[number] = (arrivals[number] ?? 0) + 1;
        }
      },
    },
  );

  const statuses = new Map<number, number>();
  const send = async (report: unknown): Promise<void> => {
    const { status } = await post(report);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  const heapMb: number[] = [];
  // One after the other: an isolate speaks to one inspector.
  let measured = Promise.resolve();
  const measure = (): void => {
    measured = measured.then(async () => {
      heapMb.push(await readHeapMb(ingest));
    });
  };
  let made = 0;
  const connect = async (): Promise<void> => {
    while (made < reports) {
      const number = ++made;
      const last = number * eventsPerReport;
      const report = reportOf(eventsPerReport, (index) => last - index);
      await send(report);
      if (number % resendEvery === 0) await send(report);
      if (number % Math.ceil(reports / 10) === 0) measure();
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: connections }, connect));
  const postedMs = performance.now() - start;
  const kept = (statuses.get(204) ?? 0) * eventsPerReport;
  await ingest.waitForSum('kept', kept, settleTimeoutMs);
  const settledMs = performance.now() - start;
  measure();
  await measured;

  const numbers = Array.from({ length: events }, (_, index) => index + 1);
  const good = numbers.filter((number) => !isBad(number));
  const isGood = (number: number): boolean => number >= 1 && number <= events && !isBad(number);
  return {
    statuses,
    expected: good.length,
    refused: events - good.length,
    missing: good.filter((number) => arrivals[number] === 0).length,
    unexpected: arrivals.filter((times, number) => times > 0 && !isGood(number)).length,
    doubled: arrivals.filter((times) => times > 1).length,
    sends: sink.countSends(),
    heapMb,
    postedMs,
    settledMs,
  };
}
