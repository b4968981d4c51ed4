import { rateWithin } from '../src/forward/sample.ts';
import { maxMachinesPerPeriod } from '../src/limits.ts';
import { readWranglerConfig } from './wrangler-config.ts';

/**
 * `npm run ingest:cost`: the cost table of README.md. US dollars for 30 days, at the prices of November
 * 2026: read them again before money depends on them.
 */
const days = 30;
const million = 1_000_000;
const reportsPerDay = 2;
const eventsPerReport = 5;
// Of the machines of a day, those of a week.
const machinesOfWeek = 1.5;

// https://developers.cloudflare.com/workers/platform/pricing/ and .../d1/platform/pricing/
const planPrice = 5;
const requests = { included: 10 * million, perMillion: 0.3 };
const cpuMs = { included: 30 * million, perMillion: 0.02 };
const queueOperations = { included: million, perMillion: 0.4 };
const rowsWritten = { included: 50 * million, perMillion: 1 };

// Measured in workerd, for five events: 0.25 at the door, 0.3 to count and forward them.
const cpuMsPerReport = 0.55;
const operationsPerMessage = 3;
const secondsPerBatch = 10;
const messagesPerBatch = 100;
// Measured with generated machines, by `meta.rows_written`: 33 for a report in a batch of 2, 21 in one of
// 23, 18 in one of 100. What is written of marks, ids and allowances is deleted too: 17.
const rowsPerReport = 17 + 17;
const cellsPerBatch = 90;
const cellsOfReport = 16;

// https://posthog.com/pricing, anonymous events: up to so many, so much for a million.
const posthogTiers = [
  { upTo: million, perMillion: 0 },
  { upTo: 2 * million, perMillion: 50 },
  { upTo: 15 * million, perMillion: 34.3 },
  { upTo: 50 * million, perMillion: 29.5 },
  { upTo: 100 * million, perMillion: 21.8 },
  { upTo: 250 * million, perMillion: 15 },
  { upTo: Infinity, perMillion: 9 },
] as const;

const dailyBudget = Number(readWranglerConfig().vars['DAILY_EVENT_BUDGET']);

console.log(
  '| machines a day | Workers and queues | D1 | counted in D1 | PostHog, all | PostHog, budget |',
);
console.log('| ---: | ---: | ---: | ---: | ---: | ---: |');
for (const machines of [10_000, 100_000, million, 10 * million]) {
  const messages = machines * reportsPerDay * days;
  const inBatch = Math.min(
    messagesPerBatch,
    Math.max(1, messages / ((days * 86_400) / secondsPerBatch)),
  );
  const batches = messages / inBatch;
  const rate = rateWithin(machines * machinesOfWeek, maxMachinesPerPeriod);
  const rows =
    messages * rate * rowsPerReport +
    batches * Math.min(cellsPerBatch, Math.max(1, inBatch * rate) * cellsOfReport);
  const events = machines * reportsPerDay * eventsPerReport;
  const cells = [
    machines.toLocaleString('en-US'),
    dollars(
      planPrice +
        priced(messages + batches, requests) +
        priced(messages * cpuMsPerReport, cpuMs) +
        priced(messages * operationsPerMessage, queueOperations),
    ),
    dollars(priced(rows, rowsWritten)),
    rate === 1 ? 'all' : `1 in ${1 / rate}`,
    dollars(posthogCost(events)),
    dollars(posthogCost(Math.min(events, dailyBudget))),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function priced(used: number, { included, perMillion }: typeof requests): number {
  return (Math.max(0, used - included) / million) * perMillion;
}

function posthogCost(eventsPerDay: number): number {
  const events = eventsPerDay * days;
  let cost = 0;
  let from = 0;
  for (const { upTo, perMillion } of posthogTiers) {
    cost += (Math.max(0, Math.min(events, upTo) - from) / million) * perMillion;
    from = upTo;
  }
  return cost;
}

function dollars(amount: number): string {
  return `$${Math.round(amount).toLocaleString('en-US')}`;
}
