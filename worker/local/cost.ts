/** Prices in US dollars for 30 days, as read in 2026. Read them again before money depends on them. */
const days = 30;

// Workers Paid: https://developers.cloudflare.com/workers/platform/pricing/
const planPrice = 5;
const million = 1_000_000;
const requests = { included: 10 * million, perMillion: 0.3 };
const cpuMs = { included: 30 * million, perMillion: 0.02 };
const queueOperations = { included: million, perMillion: 0.4 };
const rowsWritten = { included: 50 * million, perMillion: 1 };

// Measured in workerd, for five events: 0.25 at the door, 0.1 to forward them.
const cpuMsPerReport = 0.4;
// Spending of a day and an hour, and about ten sums.
const rowsPerBatch = 12;
const secondsPerBatch = 10;
const messagesPerBatch = 100;
// Write, read and delete, for each 64 KB begun.
const operationsPerMessage = 3;

// PostHog, anonymous events: up to so many, so much for a million.
const posthogTiers = [
  { upTo: million, perMillion: 0 },
  { upTo: 2 * million, perMillion: 50 },
  { upTo: 15 * million, perMillion: 34.3 },
  { upTo: 50 * million, perMillion: 29.5 },
  { upTo: 100 * million, perMillion: 21.8 },
  { upTo: 250 * million, perMillion: 15 },
  { upTo: Infinity, perMillion: 9 },
] as const;

interface Load {
  readonly machines: number;
  readonly reportsPerDay: number;
  readonly eventsPerReport: number;
}

/** What Cloudflare asks for 30 days of this. */
function cloudflareCost({ machines, reportsPerDay }: Load): number {
  const messages = machines * reportsPerDay * days;
  const batches = Math.max(
    messages / messagesPerBatch,
    Math.min(messages, (days * 86_400) / secondsPerBatch),
  );
  const priced = (used: number, { included, perMillion }: typeof requests): number =>
    (Math.max(0, used - included) / million) * perMillion;
  return (
    planPrice +
    priced(messages + batches, requests) +
    priced(messages * cpuMsPerReport, cpuMs) +
    priced(messages * operationsPerMessage, queueOperations) +
    priced(batches * rowsPerBatch, rowsWritten)
  );
}

/** What PostHog asks for 30 days of so many events a day. */
export function posthogCost(eventsPerDay: number): number {
  const events = eventsPerDay * days;
  let cost = 0;
  let from = 0;
  for (const { upTo, perMillion } of posthogTiers) {
    cost += (Math.max(0, Math.min(events, upTo) - from) / million) * perMillion;
    from = upTo;
  }
  return cost;
}

/** The table of worker/README.md. */
export function costTable(dailyBudget: number): string {
  // Each step of the budget's sampling may spend another tenth.
  const mostEvents = dailyBudget * 1.2;
  const rows = [10_000, 100_000, million, 10 * million].map((machines) => {
    const load = { machines, reportsPerDay: 2, eventsPerReport: 5 };
    const events = machines * load.reportsPerDay * load.eventsPerReport;
    return [
      grouped(machines),
      dollars(cloudflareCost(load)),
      dollars(posthogCost(events)),
      dollars(posthogCost(Math.min(events, mostEvents))),
      dollars(posthogCost(events / 10)),
    ];
  });
  return [
    ['machines a day', 'Cloudflare', 'PostHog, all', `with the budget`, 'sampled 1 in 10'],
    ['---:', '---:', '---:', '---:', '---:'],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function dollars(amount: number): string {
  return `$${grouped(Math.round(amount))}`;
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
