import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { cpuMsOf, findWorkerd, residentMbOf } from './process-usage.ts';
import { openStage, closeStages, reportOf } from './stage.ts';

/**
 * `npm run ingest:load [-- --reports <n>] [--events <n>] [--calm]`: many reports from many machines
 * through the ingest in raw workerd, while the sink fails a third of the time, refuses single
 * events and goes away for a while. Exits 0 only when every event arrived exactly once.
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
const reports = Number(values.reports);
const eventsPerReport = Number(values.events);

const awayMs = values.calm ? 0 : 10_000;
const start = performance.now();
let sends = 0;
const refused = new Set<string>();

function misbehave(events: readonly { readonly uuid: string }[]): number | undefined {
  if (values.calm) return undefined;
  sends += 1;
  const elapsed = performance.now() - start;
  if (elapsed > 3_000 && elapsed < 3_000 + awayMs) return 503;
  if (sends % 3 === 0) return 500;
  // One event in about four thousand is poison, always the same ones.
  const bad = events.filter(({ uuid }) => uuid.startsWith('000'));
  for (const { uuid } of bad) refused.add(uuid);
  return bad.length > 0 ? 400 : undefined;
}

const { ingest, posthog, post } = await openStage(
  {
    variables: {
      RETRY_BASE_SECONDS: 1,
      HOURLY_EVENT_BUDGET: 1e9,
      DAILY_EVENT_BUDGET: 1e9,
    },
    limits: { BREAKER: 1e9 },
  },
  { fail: misbehave },
);
const workerd = findWorkerd();
const cpuBefore = cpuMsOf(workerd);
const mbBefore = residentMbOf(workerd);
const statuses = new Map<number, number>();

let left = reports;
async function connect(): Promise<void> {
  while (left-- > 0) {
    const { status } = await post({ ...reportOf(eventsPerReport), batch_id: randomUUID() });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
}
await Promise.all(Array.from({ length: Number(values.connections) }, connect));
const postedMs = performance.now() - start;
const cpuMs = cpuMsOf(workerd) - cpuBefore;
const mbAfterPosting = residentMbOf(workerd);

const expected = reports * eventsPerReport;
await ingest.waitForSum('kept', expected, 600_000);
const settledMs = performance.now() - start;

const arrived = new Set(posthog.events.map(({ uuid }) => uuid));
const isExact =
  arrived.size === posthog.events.length &&
  arrived.size + refused.size === expected &&
  [...refused].every((uuid) => !arrived.has(uuid));
console.log(`reports            ${reports} of ${eventsPerReport} events
answers            ${JSON.stringify(Object.fromEntries(statuses))}
posted in          ${(postedMs / 1000).toFixed(1)} s, ${Math.round(reports / (postedMs / 1000))} a second
settled after      ${(settledMs / 1000).toFixed(1)} s
events arrived     ${arrived.size}, refused as bad ${refused.size}, of ${expected}
sends to the sink  ${posthog.requests.length}
workerd CPU        ${(cpuMs / reports).toFixed(2)} ms a report while posting, with the emulated queue, limits and database
workerd memory     ${mbBefore} MB at first, ${mbAfterPosting} MB after posting, ${residentMbOf(workerd)} MB at the end
${isExact ? 'every event arrived exactly once' : 'NOT every event arrived exactly once'}`);
await closeStages();
process.exitCode = isExact ? 0 : 1;
