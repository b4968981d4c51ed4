import files from 'node:fs';
import { join } from 'node:path';
import type { DecidedBy } from '../../../contract/consent.ts';
import { type Mode, readChoice } from '../../../contract/choice-file.ts';
import { choiceFileName, ledgerFile, receiptsFile, spoolFolder } from '../../../contract/files.ts';
import { maskEndpoint } from '../../../contract/endpoint.ts';
import { type Ledger, parseLedger } from '../../../contract/ledger.ts';
import { modeStoredIn, type StoredMode } from '../../consent/store-choice.ts';
import { readText } from '../../../contract/read-file.ts';
import { maxLedgerBytes } from '../../../contract/limits.ts';
import { findEngineQueues } from '../../../contract/clear-spool.ts';
import { waitMsUntil } from '../../../contract/wait.ts';
import { findCountedProjects } from '../serve/engine-daemon.ts';
import { type CountedBy, describeCountedBy, formatCountedBy } from '../own/counted-by.ts';
import { type Buffered, describeBuffered, formatBuffered } from './buffered.ts';
import type { TelemetryContext } from './context.ts';
import { eventsIn, readAccepted } from './log.ts';
import { describeOverride } from './override.ts';
import { findProblems } from './problems.ts';
import { formatRows, type Screen, wrap } from '../../screen.ts';
import { summarize } from './summary.ts';
import { formatTime, localizeTimes } from './times.ts';
import { whyUnwritable } from './unwritable.ts';
import { decidedByWords } from '../../consent/words.ts';
import { lostWords, outcomeWords } from './words.ts';

/** What `codegraph telemetry status --json` prints. Keys are stable: scripts read them. */
export interface StatusReport {
  readonly mode: Mode;
  readonly decidedBy: DecidedBy;
  readonly warning: string | null;
  /** What keeps counts from being sent, in sentences. */
  readonly problems: readonly string[];
  /** The choice in the file, whatever overrides it; null when there is none. */
  readonly storedMode: StoredMode;
  /** The ID of this month's reports; null before the first. */
  readonly machineId: string | null;
  /** Without what may be a secret in it. */
  readonly endpoint: string;
  readonly paths: {
    readonly [Name in 'choice' | 'policy' | 'spool' | 'ledger' | 'receipts']: string;
  };
  readonly buffered: Buffered;
  readonly lost: Ledger['lost'] | null;
  readonly lastFlush: Ledger['sending']['last_flush'];
  /** The newest report that was accepted, as far as its receipt is kept. */
  readonly lastSent: { readonly at: string; readonly events: number } | null;
  /** Reports that were sent and not answered: they may have arrived. */
  readonly unanswered: number;
  /** Before this instant nothing is sent; null when nothing stands in the way. */
  readonly nextFlushNotBefore: string | null;
  /** Projects in which a daemon of the engine counts by itself, whatever the mode here is. */
  readonly countedByEngine: readonly string[];
  /** Files in which the engine has counts of its own; `off` deletes them. */
  readonly engineQueues: readonly string[];
  /** Which program your shell starts as `codegraph`. */
  readonly countedBy: CountedBy;
}

/** Looks at everything, changes and creates nothing. */
export function describeStatus({ watch, endpoint }: TelemetryContext): StatusReport {
  const { dataDir, policyFile } = watch.paths;
  const consent = watch.look();
  const { mode, decidedBy, warning, sendFrom } = consent;
  const storedMode = modeStoredIn(dataDir);
  const text = readLedger(`${dataDir}/${ledgerFile}`);
  const ledger = parseLedger(text);
  return {
    mode,
    decidedBy,
    warning:
      warning ??
      describeOverride(consent, storedMode, dataDir) ??
      (mode === 'off' ? null : whyUnwritable(dataDir)),
    problems: mode === 'off' ? [] : findProblems(dataDir, endpoint, text),
    storedMode,
    machineId: ledger?.identity ? ledger.identity.machine_id : storedId(dataDir),
    endpoint: maskEndpoint(endpoint),
    paths: {
      choice: join(dataDir, choiceFileName),
      policy: policyFile,
      spool: join(dataDir, spoolFolder),
      ledger: join(dataDir, ledgerFile),
      receipts: join(dataDir, receiptsFile),
    },
    buffered: describeBuffered(dataDir, ledger),
    lost: ledger?.lost ?? null,
    lastFlush: ledger?.sending.last_flush ?? null,
    lastSent: findLastSent(dataDir),
    unanswered: ledger?.reports.filter(({ sent_at }) => sent_at !== null).length ?? 0,
    nextFlushNotBefore: earliestSend(ledger, sendFrom, Date.now()),
    countedByEngine: findCountedProjects(dataDir),
    engineQueues: findEngineQueues(dataDir, files).map((name) => join(dataDir, name)),
    countedBy: describeCountedBy(process.env),
  };
}

/** The same for a person: one plain sentence, then the details, then what is wrong. */
export function formatStatus(
  status: StatusReport,
  screen: Screen,
  now: number = Date.now(),
): string {
  const { buffered, lastFlush, paths } = status;
  const lost = describeLost(status.lost);
  const rows: (readonly [name: string, value: string])[] = [
    ['Decided by', decidedByWords[status.decidedBy]],
    ['Stored choice', describeStored(status)],
    ['Counted by', formatCountedBy(status.countedBy)],
    ['Machine ID', status.machineId ?? 'none yet (generated with the first report of each month)'],
    ['Not sent yet', formatBuffered(buffered)],
    ['Last flush', describeFlush(lastFlush, screen)],
    ...whenever(status.unanswered > 0, 'On its way', describeUnanswered(status.unanswered)),
    ['Next flush', nextFlush(status, screen)],
    ['Endpoint', status.endpoint],
    ['Files', [paths.choice, paths.spool, ...policyIn(status)].join(', ')],
    ...whenever(lost.length > 0, 'Lost', lost.join(', ')),
    ...whenever(status.engineQueues.length > 0, 'Engine', describeQueues(status.engineQueues)),
  ];
  const warnings = [
    status.warning,
    ...status.problems,
    status.countedBy.warning,
    ...status.countedByEngine.map(describeDaemon),
  ]
    .filter((warning) => warning !== null)
    .map((warning) => wrap(`Warning: ${localizeTimes(warning, screen)}`, screen.columns));
  const head = wrap(summarize(status, screen, now), screen.columns);
  const details = [formatRows(rows, screen), ...warnings].join('\n\n');
  return `${head}\n\n${details}`;
}

function whenever(
  isShown: boolean,
  name: string,
  value: string,
): readonly (readonly [name: string, value: string])[] {
  return isShown ? [[name, value]] : [];
}

function describeQueues(paths: readonly string[]): string {
  return `has counts of its own, not sent: ${paths.join(', ')}`;
}

function findLastSent(dataDir: string): StatusReport['lastSent'] {
  const [last] = readAccepted(dataDir);
  return last?.acceptedAt ? { at: last.acceptedAt, events: eventsIn(last.body).length } : null;
}

function describeFlush(flush: StatusReport['lastFlush'], screen: Screen): string {
  if (flush === null) return 'none';
  const reason = flush.reason === undefined ? '' : ` (${flush.reason})`;
  return `${formatTime(flush.at, screen)}: ${outcomeWords[flush.outcome]}${reason}`;
}

function describeUnanswered(count: number): string {
  const reports = count === 1 ? '1 report was' : `${count} reports were`;
  return `${reports} sent without an answer, and may have arrived`;
}

/** What the front cannot change: README, "The engine's daemon". */
function describeDaemon(project: string): string {
  return (
    `a daemon of the engine counts the tool calls in ${project} with the engine's own telemetry, ` +
    'because it was started without this command. Stop it: codegraph daemon'
  );
}

function policyIn({ decidedBy, paths }: StatusReport): readonly string[] {
  return decidedBy === 'policy' ? [paths.policy] : [];
}

function describeStored({ storedMode, mode, decidedBy }: StatusReport): string {
  if (storedMode === null) return 'none';
  const isOverridden = decidedBy !== 'stored' && storedMode !== mode && decidedBy !== 'unreadable';
  return isOverridden ? `${storedMode}, overridden` : storedMode;
}

/** The engine's ID, which the first report would have. */
function storedId(dataDir: string): string | null {
  const reading = readChoice(dataDir, files);
  return reading.state === 'read' ? reading.choice.engineId : null;
}

function describeLost(lost: StatusReport['lost']): readonly string[] {
  return Object.entries(lost ?? {})
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${lostWords[reason as keyof typeof lostWords]}`);
}

function nextFlush({ mode, nextFlushNotBefore, problems }: StatusReport, screen: Screen): string {
  if (mode !== 'on') return mode === 'off' ? 'never: telemetry is off' : 'never: sending is off';
  if (nextFlushNotBefore === null) {
    const next = 'with the next MCP session, init, index, sync, upgrade or uninit';
    return problems.length === 0 ? next : `${next}; see the warning below`;
  }
  return nextFlushNotBefore === never
    ? '24 hours after the notice has appeared on a terminal; it has not appeared yet'
    : `not before ${formatTime(nextFlushNotBefore, screen)}`;
}

const never = 'never';

/** What consent and the last answer of the endpoint have left to wait for. */
function earliestSend(ledger: Ledger | undefined, sendFrom: number, now: number): string | null {
  if (sendFrom === Infinity) return never;
  const waitMs = waitMsUntil(ledger?.sending.not_before ?? null, now);
  const instant = Math.max(sendFrom, now + waitMs);
  return instant <= now ? null : new Date(instant).toISOString();
}

function readLedger(path: string): string {
  const reading = readText(path, maxLedgerBytes, files);
  return reading.state === 'read' ? reading.text : '';
}
