import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as files from '../../contract/files.ts';
import * as limits from '../../contract/limits.ts';
import { root } from '../set-up/paths.mjs';
import { code, table } from './markdown.ts';

// Those that a user can notice. The others bound what only the code sees.
const concerns = {
  noticeWaitMs: 'From the notice to the first report',
  consentMaxAgeMs: 'Until a running process sees that it was turned off',
  persistIntervalMs: 'Between two writes of a process that goes on counting',
  persistIdleMs: 'Until what was counted is written once counting stops',
  maxDistinctCounters: 'Counters of one process, the rest count as `other`',
  maxEventsPerFrame: 'Lifecycle events of one process between two writes',
  maxBufferBytes: 'Size of the buffer',
  maxLedgerBytes: 'Size of the ledger',
  maxCountersPerDay: 'Totals of one day',
  maxAgeDays: 'Age of what may still be sent',
  maxFutureDays: 'How far ahead of the clock a day may be',
  maxSilentDays: 'How far behind the last known day a report follows at once',
  maxEventsPerReport: 'Events in a report',
  maxReportBytes: 'Size of a report',
  maxReportsPerFlush: 'Reports in one flush',
  commandFlushDeadlineMs: 'Sending in one flush, unless the host asks for more',
  serverFlushDeadlineMs: 'Sending in one flush of a server',
  lifecycleWaitMs: 'How long `init` and `index` may stay for their event',
  backoffBaseMs: 'First wait after a failure, doubled each time',
  backoffMaxMs: 'Longest wait after a failure',
  maxUsageReceipts: 'Receipts of reports with usage',
  maxUsageReceiptsBytes: 'Size of these receipts',
  maxLifecycleReceipts: 'Receipts of other reports',
  maxLifecycleReceiptsBytes: 'Size of these others',
  lockStaleMs: 'Until a flusher that died no longer blocks the next',
  sandboxMemoryBytes: 'Memory of the sandbox',
  sandboxDeadlineMs: 'Time of one call into the sandbox',
  maxChoiceFileBytes: 'Size of a choice file that is read',
} as const satisfies { readonly [Name in keyof typeof limits]?: string };

/** The limits that concern a user, each with the reason that the contract gives for it. */
export function describeLimits(): string {
  const notes = readNotes('contract/limits.ts');
  const values = new Map(Object.entries(limits));
  const rows = Object.entries(concerns).map(([name, what]) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`limits.ts has no ${name}`);
    return [what, formatLimit(name, value), noteOf(notes, name)];
  });
  return table(['What', 'Limit', 'Reason'], rows);
}

/** Every file that can be there, with what the contract says of it. */
export function describeFiles(): string {
  const notes = readNotes('contract/files.ts');
  const names = new Map(Object.entries(files));
  const rows = [...notes.keys()].map((name) => [code(names.get(name)), noteOf(notes, name)]);
  return table(['Name under `~/.codegraph`', 'What it is'], rows);
}

/** The comment above each exported constant; one serves all that follow without an empty line. */
function readNotes(path: string): ReadonlyMap<string, string> {
  const notes = new Map<string, string>();
  for (const block of readFileSync(join(root, path), 'utf8').split('\n\n')) {
    let comment: string[] = [];
    for (const line of block.split('\n')) {
      const text = /^(?:\/\/|\/\*\*| \*(?!\/)) ?(.*?)(?: \*\/)?$/.exec(line)?.[1];
      const name = /^export const (\w+)/.exec(line)?.[1];
      if (text !== undefined) comment.push(text);
      if (name !== undefined) notes.set(name, comment.join(' ').trim());
    }
  }
  return notes;
}

function noteOf(notes: ReadonlyMap<string, string>, name: string): string {
  const note = notes.get(name);
  if (!note) throw new Error(`${name} has no comment that says what it is for`);
  return note;
}

const units = [
  // A day in hours: "24 hours" has one meaning, "a day" has two.
  { unit: 'day', ms: 86_400_000, least: 2 * 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1_000 },
];

/** A limit as people write it, by the unit that its name ends in: `maxAgeDays`, `waitMs`. */
export function formatLimit(name: string, value: number): string {
  if (name.endsWith('Days')) return count(value, 'day');
  if (name.endsWith('Mb')) return `${value} MiB`;
  if (name.endsWith('Bytes')) return formatBytes(value);
  if (!name.endsWith('Ms')) return value.toLocaleString('en-US');
  const found = units.find(({ ms, least = ms }) => value >= least);
  return found === undefined ? `${value} ms` : count(value / found.ms, found.unit);
}

function formatBytes(bytes: number): string {
  if (bytes % 1024 !== 0) return count(bytes, 'byte');
  const isMebibytes = bytes % (1024 * 1024) === 0;
  return isMebibytes ? `${bytes / (1024 * 1024)} MiB` : `${bytes / 1024} KiB`;
}

/** `1 day` and `2 days`. */
function count(value: number, unit: string): string {
  return `${value.toLocaleString('en-US')} ${value === 1 ? unit : `${unit}s`}`;
}
