import { parseArgs } from 'node:util';
import { runLoad, type LoadResult } from './run-load.ts';
import { closeStages } from './stage.ts';

/**
 * `npm run ingest:load [-- --reports <n>] [--events <n>] [--calm]`: many reports from many machines
 * through the ingest in workerd, while the sink fails a third of the time, stalls, refuses single
 * events and goes away for a minute. Exits 0 only when every answer was 204, every event arrived
 * exactly once, and the ingest's memory did not grow.
 */
const { values } = parseArgs({
  options: {
    reports: { type: 'string', default: '10000' },
    events: { type: 'string', default: '5' },
    connections: { type: 'string', default: '32' },
    /** A sink without faults. */
    calm: { type: 'boolean', default: false },
  },
});

// What collections leave behind differs by so much. Keeping 10,000 reports would take five times that.
const toleratedMb = 2;

const result = await runLoad({
  reports: Number(values.reports),
  eventsPerReport: Number(values.events),
  connections: Number(values.connections),
  ...(values.calm ? {} : { faults: { awayFromMs: 10_000, awayUntilMs: 70_000, stallEvery: 500 } }),
});
await closeStages();
console.log(describe(result));
process.exitCode = isExact(result) && isFlat(result) ? 0 : 1;

function isExact({ statuses, missing, unexpected, doubled }: LoadResult): boolean {
  const others = [...statuses.keys()].filter((status) => status !== 204);
  return others.length + missing + unexpected + doubled === 0;
}

function isFlat({ heapMb: [first = 0, ...later] }: LoadResult): boolean {
  return (later.at(-1) ?? first) - first < toleratedMb;
}

function describe({ heapMb, statuses, ...figures }: LoadResult): string {
  const { expected, missing, unexpected, doubled, refused, sends } = figures;
  const answers = [...statuses].map(([status, count]) => `${count} x ${status}`);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return `answers           ${answers.join(', ')}
posted in         ${seconds(figures.postedMs)}
settled after     ${seconds(figures.settledMs)}
events            ${expected} to arrive: ${missing} missing, ${doubled} twice, ${unexpected} others
refused as bad    ${refused}
sends to the sink ${sends}
heap of the ingest, in MB, after each tenth and at the end
                  ${heapMb.map((mb) => mb.toFixed(1)).join(' ')}`;
}
