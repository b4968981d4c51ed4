import { fileURLToPath } from 'node:url';
import type { ReportEvent } from '../../../contract/report/allowlist.ts';
import { type Ledger, parseLedger } from '../../../contract/ledger.ts';
import { describeMachine } from '../../environment.ts';
import { openSender } from '../../sending/open-sender.ts';
import { findEngine } from '../engine.ts';
import type { TelemetryContext } from './context.ts';
import { exampleReport } from './example-report.ts';
import { formatDays, type RecordedDay } from './recorded-days.ts';
import { decidedByWords } from '../../consent/words.ts';

/** What `codegraph telemetry show --json` prints. Keys are stable: scripts read them. */
export interface Show {
  readonly mode: string;
  readonly decidedBy: string;
  /** What is recorded and not sent, by day. */
  readonly days: readonly RecordedDay[];
  /** The next POST bodies, to the byte. */
  readonly nextReports: readonly string[];
  /** False when no day is over yet, and the reports are those that tomorrow would send. */
  readonly isDue: boolean;
  /** True when they are sealed, and go as they stand. Else their ids are drawn later, and others. */
  readonly isSealed: boolean;
  /** What was counted and will not arrive, by reason. */
  readonly lost: Ledger['lost'] | null;
}

/** Has the sender thread count what is on the disk, and throw the result away. */
export async function prepareShow({ watch }: TelemetryContext): Promise<Show> {
  const sender = await openSender();
  try {
    const {
      ledger: text,
      reports,
      isDue,
    } = await sender.preview({
      paths: watch.paths,
      machine: describeMachine(findEngine(process.env)?.version ?? 'unknown', process.env),
      now: Date.now(),
    });
    const ledger = parseLedger(text);
    const { mode, decidedBy } = watch.look();
    const days = ledger === undefined ? [] : recordedDays(ledger);
    const sealed = ledger?.reports.map(({ body }) => body) ?? [];
    return {
      mode,
      decidedBy,
      days,
      nextReports: reports,
      isDue,
      isSealed: reports.length > 0 && reports.every((report) => sealed.includes(report)),
      lost: ledger?.lost ?? null,
    };
  } finally {
    await sender.close();
  }
}

/** The same for a person. */
export function formatShow(show: Show): string {
  const { mode, decidedBy, days, nextReports } = show;
  const by = decidedByWords[decidedBy as keyof typeof decidedByWords];
  const head = `Telemetry is ${mode}, decided by ${by}.`;
  if (days.length === 0) return `${head}\n\nNothing is recorded.\n\n${whatWouldBe(mode)}`;
  const next = nextReports.map((report) => `${report.length} bytes\n${report}`).join('\n');
  return `${head}\n\nRecorded and not sent\n\n${formatDays(days)}\n\n${headingOf(show)}\n\n${next}`;
}

// Beside the folder of this file, in the package as it is installed.
const page = fileURLToPath(new URL('../TELEMETRY.md', import.meta.url));

function whatWouldBe(mode: string): string {
  const condition = mode === 'on' ? 'A report looks' : 'If it were on, a report would look';
  const example = JSON.stringify(exampleReport(), undefined, 2);
  return `${condition} like this, and every field is explained in ${page}:\n\n${example}`;
}

function headingOf({ mode, isDue, isSealed }: Show): string {
  if (mode !== 'on') return `Nothing is sent. If it were on, this would be:`;
  if (isSealed) return 'Sent next, to the byte';
  return isDue ? `Sent next, ${withOtherIds}` : `Sent tomorrow at the earliest, ${withOtherIds}`;
}

const withOtherIds = 'to the byte but for ids, which are drawn then';

function recordedDays(ledger: Ledger): readonly RecordedDay[] {
  const days = new Map<string, { usage: RecordedDay['usage'][number][]; events: string[] }>();
  const dayOf = (day: string): { usage: RecordedDay['usage'][number][]; events: string[] } => {
    const known = days.get(day) ?? { usage: [], events: [] };
    days.set(day, known);
    return known;
  };
  for (const [day, { usage, events }] of Object.entries(ledger.days)) {
    dayOf(day).usage.push(...usage);
    dayOf(day).events.push(...events.map(({ event }) => event));
  }
  for (const event of ledger.reports.flatMap(({ body }) => eventsIn(body))) {
    const day = dayOf(event.ts.slice(0, 10));
    if (event.event === 'usage_rollup') day.usage.push(event.props);
    else day.events.push(event.event);
  }
  return [...days]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([day, { usage, events }]) => ({ day, usage, events }));
}

/** The events of a sealed report, which the preview has just checked. */
export function eventsIn(body: string): readonly ReportEvent[] {
  const { events } = JSON.parse(body) as { readonly events: readonly ReportEvent[] };
  return events;
}
