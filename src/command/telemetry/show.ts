import { fileURLToPath } from 'node:url';
import { type Ledger, parseLedger } from '../../../contract/ledger.ts';
import { describeMachine } from '../../environment.ts';
import { openSender } from '../../sending/open-sender.ts';
import { findEngine } from '../engine.ts';
import type { TelemetryContext } from './context.ts';
import { exampleReport } from './example-report.ts';
import { eventsIn } from './log.ts';
import { formatDays, type RecordedDay } from './recorded-days.ts';
import { formatJson, type Screen, wrap } from '../../screen.ts';
import { decidedByWords } from '../../consent/words.ts';

/** What `codegraph telemetry show --json` prints. Keys are stable: scripts read them. */
export interface Show {
  readonly mode: string;
  readonly decidedBy: string;
  /** What is recorded and not sent, by day. */
  readonly days: readonly RecordedDay[];
  /** The next POST bodies, exactly as they are sent. */
  readonly nextReports: readonly string[];
  /** False when no day is over yet, and the reports are those that tomorrow would send. */
  readonly isDue: boolean;
  /** True if they are sealed and go as they are. Otherwise their IDs are generated later. */
  readonly isSealed: boolean;
  /** What was counted and will not arrive, by reason. */
  readonly lost: Ledger['lost'] | null;
}

/** Has the sender thread count what is on the disk, and throw the result away. */
export async function prepareShow({ watch }: TelemetryContext): Promise<Show> {
  const sender = await openSender(watch.paths.dataDir);
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
export function formatShow(show: Show, screen: Screen): string {
  const { mode, decidedBy, days, nextReports } = show;
  const by = decidedByWords[decidedBy as keyof typeof decidedByWords];
  const head = `Telemetry is ${mode}, decided by ${by}.`;
  const parts =
    days.length === 0
      ? [head, 'Nothing is recorded.', whatWouldBe(mode), formatExample(screen)]
      : [head, 'Recorded and not sent, by UTC day', formatDays(days, screen), headingOf(show)];
  const reports = days.length === 0 ? [] : nextReports.map((text) => formatJson(text, screen));
  const isText = (part: string): boolean => !part.includes('\n');
  return [...parts, ...reports]
    .map((part) => (isText(part) ? wrap(part, screen.columns) : part))
    .join('\n\n');
}

/** A report with one event of each kind, for a person. */
export function formatExample(screen: Screen): string {
  return formatJson(JSON.stringify(exampleReport()), screen);
}

// Beside the directory of this file, in the package as it is installed.
const page = fileURLToPath(new URL('../TELEMETRY.md', import.meta.url));

function whatWouldBe(mode: string): string {
  const condition = mode === 'on' ? 'A report looks' : 'If it were on, a report would look';
  return `${condition} like this. ${page} explains every field.`;
}

function headingOf({ mode, isDue, isSealed }: Show): string {
  if (mode !== 'on') return `Nothing is sent. If it were on, this would be sent:`;
  const when = isDue ? 'Sent next' : 'Sent tomorrow at the earliest';
  const ids = isSealed ? '' : ' Its IDs are generated when it is sealed, so they will differ.';
  return `${when}. Without these line breaks, exactly as sent: codegraph telemetry show --json.${ids}`;
}

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
