import { type BuildPolicy, buildPolicy } from './build-policy.ts';
import { dataVersion } from './data-version.ts';
import { type DayNumber, formatMonth } from './day.ts';
import { choiceFileName, noticeFile } from './files.ts';
import { maxChoiceFileBytes, noticeWaitMs } from './limits.ts';

/**
 * Who decides, in one table. The main thread asks it when it counts, the sender thread asks it
 * again before each POST; both hand in their file system, as the contract imports nothing.
 */

/** `on`: count and send. `local`: count for the user, never send. `off`: nothing at all. */
export type Mode = 'on' | 'local' | 'off';

/**
 * What decided. `unreadable` is a stored choice that cannot be read: fail closed. `build` is what a
 * distributor has built in.
 */
export type DecidedBy =
  | 'DO_NOT_TRACK'
  | 'policy'
  | '--no-telemetry'
  | 'CODEGRAPH_TELEMETRY'
  | 'stored'
  | 'unreadable'
  | 'default'
  | 'build';

export interface Consent {
  readonly mode: Mode;
  readonly decidedBy: DecidedBy;
  /** Epoch milliseconds from which on something may leave; Infinity for never. */
  readonly sendFrom: number;
  /** The data set that was agreed to, if it has grown since: only that may be collected. */
  readonly agreedTo?: number;
  /** How often telemetry was turned off here: what was counted before an `off` is not written. */
  readonly generation: number;
  /** Why a value could not be taken as it stands, for `status`. */
  readonly warning?: string;
}

/** What a process was told, beside the files. */
export interface ConsentOverrides {
  readonly doNotTrack: string | undefined;
  readonly codegraphTelemetry: string | undefined;
  /** `--no-telemetry` was on the command line. */
  readonly hasFlag: boolean;
}

export interface ConsentPaths {
  /** `~/.codegraph`. */
  readonly dataDir: string;
  /** The machine-wide policy: where it stands, telemetry is off. */
  readonly policyFile: string;
}

/** What is needed of `node:fs`. */
export interface ReadableFiles {
  statSync(
    path: string,
    options: { throwIfNoEntry: false },
  ): { isFile(): boolean; readonly size: number } | undefined;
  readFileSync(path: string, encoding: 'utf8'): string;
}

/** The decision: first match wins. Reads a file only when nothing before it has decided. */
export function decideConsent(
  overrides: ConsentOverrides,
  paths: ConsentPaths,
  files: ReadableFiles,
  policy: BuildPolicy = buildPolicy,
): Consent {
  const consent = decide(overrides, paths, files);
  if (policy === 'no-sending' && consent.mode === 'on') {
    return { ...consent, mode: 'local', decidedBy: 'build', sendFrom: Infinity };
  }
  const isUndecided = consent.mode === 'on' && consent.decidedBy === 'default';
  return policy === 'default-off' && isUndecided ? off('build') : consent;
}

function decide(overrides: ConsentOverrides, paths: ConsentPaths, files: ReadableFiles): Consent {
  if (isTracklessWish(overrides.doNotTrack)) return off('DO_NOT_TRACK');
  if (hasPolicy(paths.policyFile, files)) return off('policy');
  if (overrides.hasFlag) return off('--no-telemetry');
  const variable = overrides.codegraphTelemetry?.trim().toLowerCase();
  if (variable) return decideByVariable(variable);
  return decideByChoice(readChoice(paths.dataDir, files), () => readNotice(paths.dataDir, files));
}

/**
 * Whether a person has turned it off here, so that what is stored has to go. A choice that cannot be
 * read just now, by a process with too many open files, is off as well, and deletes nothing.
 */
export function isTurnedOff({ mode, decidedBy }: Consent): boolean {
  return mode === 'off' && decidedBy === 'stored';
}

function isTracklessWish(value: string | undefined): boolean {
  const wish = value?.trim().toLowerCase();
  return wish !== undefined && wish !== '' && wish !== '0' && wish !== 'false';
}

function hasPolicy(path: string, files: ReadableFiles): boolean {
  try {
    return files.statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A policy that one may not even look at is still a policy.
    return true;
  }
}

function decideByVariable(value: string): Consent {
  if (['1', 'true', 'on', 'yes'].includes(value)) {
    return { mode: 'on', decidedBy: 'CODEGRAPH_TELEMETRY', sendFrom: 0, generation: 0 };
  }
  const consent = off('CODEGRAPH_TELEMETRY');
  return ['0', 'false', 'off', 'no'].includes(value)
    ? consent
    : { ...consent, warning: 'CODEGRAPH_TELEMETRY is neither on nor off, so it counts as off' };
}

function decideByChoice(reading: ChoiceReading, noticeOf: () => Notice): Consent {
  switch (reading.state) {
    case 'none':
      return onByDefault(noticeOf());
    case 'unreadable':
      return { ...off('unreadable'), warning: reading.reason };
    case 'read':
      return decideByReadChoice(reading.choice, noticeOf);
  }
}

function decideByReadChoice(choice: Choice, noticeOf: () => Notice): Consent {
  const { agreedTo, generation } = choice;
  const terms = { generation, ...(agreedTo !== undefined && { agreedTo }) };
  if (choice.isLocal) return { mode: 'local', decidedBy: 'stored', sendFrom: Infinity, ...terms };
  if (!choice.isEnabled) return { ...off('stored'), generation };
  if (choice.source === 'default-notice') return { ...onByDefault(noticeOf()), generation };
  return { mode: 'on', decidedBy: 'stored', sendFrom: 0, ...terms };
}

/** Only a notice that our own command has shown on a terminal starts the time to refuse. */
function onByDefault({ seenAt }: Notice): Consent {
  const sendFrom = seenAt === undefined ? Infinity : seenAt + noticeWaitMs;
  return { mode: 'on', decidedBy: 'default', sendFrom, generation: 0 };
}

function off(decidedBy: DecidedBy): Consent {
  return { mode: 'off', decidedBy, sendFrom: Infinity, generation: 0 };
}

// ── the choice file, shared with the engine and in its format ────────────────────────────────

/** A stored choice. Written only where a person chose, so that no timer can undo a choice. */
export interface Choice {
  readonly isEnabled: boolean;
  readonly isLocal: boolean;
  readonly source: ChoiceSource;
  /** The engine's id for this machine: a UUIDv4, or null. */
  readonly machineId: string | null;
  /** `YYYY-MM` in which this package stored the choice; undefined when the engine did. */
  readonly storedIn?: string;
  /** As in `Consent`. */
  readonly generation: number;
  /** As in `Consent`. What is written is always an answer to the data set of now. */
  readonly agreedTo?: number;
}

const choiceSources = ['installer', 'cli', 'default-notice'] as const;
export type ChoiceSource = (typeof choiceSources)[number];

export type ChoiceReading =
  | { readonly state: 'none' }
  | { readonly state: 'unreadable'; readonly reason: string }
  | { readonly state: 'read'; readonly choice: Choice };

/** Keys of the file: the engine's five, then ours. */
interface ChoiceFile {
  readonly enabled: boolean;
  readonly machine_id: string | null;
  readonly consent_source: ChoiceSource;
  readonly first_run_notice_shown: boolean;
  readonly updated_at: string;
  /** `enabled` is false then, for the engine's eyes. */
  readonly mode?: 'local';
  /** The data set that was asked about; without it, the first. */
  readonly data_version: number;
  /** How often it was turned off; without it, never. */
  readonly generation?: number;
}

/** The stored choice. What is no choice that we can understand is unreadable, not absent. */
export function readChoice(dataDir: string, files: ReadableFiles): ChoiceReading {
  const path = `${dataDir}/${choiceFileName}`;
  try {
    const stat = files.statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return { state: 'none' };
    if (!stat.isFile()) return unreadable('it is not a file');
    if (stat.size > maxChoiceFileBytes) return unreadable('it is too long');
    return parseChoice(files.readFileSync(path, 'utf8'));
  } catch (error) {
    return unreadable(`it cannot be read (${errorCode(error)})`);
  }
}

/** The choice in the file's text. */
export function parseChoice(text: string): ChoiceReading {
  const file = parseObject(text);
  if (file === undefined) return unreadable('it is not a JSON object');
  if (typeof file.enabled !== 'boolean') return unreadable('"enabled" is neither true nor false');
  const machineId = file.machine_id ?? null;
  if (machineId !== null && !isUuid(machineId)) return unreadable('"machine_id" is not a UUIDv4');
  const isOurs = file.data_version !== undefined;
  const version = file.data_version ?? 1;
  if (!isNatural(version)) return unreadable('"data_version" is not a natural number');
  const choice: Choice = {
    isEnabled: file.enabled,
    isLocal: !file.enabled && file.mode === 'local',
    source: parseSource(file.consent_source),
    machineId,
    generation: isNatural(file.generation) ? file.generation : 0,
    ...(version < dataVersion && { agreedTo: version }),
    ...(isOurs && { storedIn: String(file.updated_at).slice(0, 7) }),
  };
  return { state: 'read', choice };
}

/**
 * The id in the choice that may serve this day's month: the engine's, until the ledger has another one
 * for a later month. One that was stored here serves the month of that, even when the ledger has gone.
 */
export function idToInherit({ machineId, storedIn }: Choice, today: DayNumber): string | null {
  return storedIn === undefined || storedIn === formatMonth(today) ? machineId : null;
}

/** The file's text for a choice; keys of `previousText` that are not ours are kept. */
export function formatChoice(
  choice: Choice,
  previousText: string | undefined,
  now: number,
): string {
  const { mode: _, generation: __, ...kept } = parseObject(previousText ?? '') ?? {};
  const file: ChoiceFile = {
    enabled: choice.isEnabled,
    machine_id: choice.machineId,
    consent_source: choice.source,
    first_run_notice_shown: true,
    updated_at: new Date(now).toISOString(),
    ...(choice.isLocal && { mode: 'local' as const }),
    data_version: dataVersion,
    ...(choice.generation > 0 && { generation: choice.generation }),
  };
  return `${JSON.stringify({ ...kept, ...file }, undefined, 2)}\n`;
}

function parseObject(text: string): { readonly [Key in keyof ChoiceFile]?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // Not JSON: the caller says so, and fails closed.
    return undefined;
  }
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuidPattern.test(value);
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

/** A hand-written file has no source: its writer meant it. An unknown source proves nothing. */
function parseSource(value: unknown): ChoiceSource {
  if (value === undefined) return 'cli';
  return choiceSources.find((source) => source === value) ?? 'default-notice';
}

function unreadable(what: string): ChoiceReading {
  return { state: 'unreadable', reason: `the choice file counts as off: ${what}` };
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

// ── the notice ───────────────────────────────────────────────────────────────────────────────

/** What is known of the one line that precedes the first send. */
export interface Notice {
  /** Printed at all, also where nobody may have read it. */
  readonly isPrinted: boolean;
  /** Epoch milliseconds of its showing on a terminal. */
  readonly seenAt: number | undefined;
}

/** The record of the notice; anything unreadable is no notice, so that nothing leaves. */
export function readNotice(dataDir: string, files: ReadableFiles): Notice {
  try {
    const path = `${dataDir}/${noticeFile}`;
    const stat = files.statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > maxChoiceFileBytes) return unprinted;
    return parseNotice(files.readFileSync(path, 'utf8'));
  } catch {
    return unprinted;
  }
}

const unprinted: Notice = { isPrinted: false, seenAt: undefined };

function parseNotice(text: string): Notice {
  const { seen_at } = JSON.parse(text) as { readonly seen_at?: unknown };
  const seenAt = typeof seen_at === 'string' ? Date.parse(seen_at) : NaN;
  return { isPrinted: true, seenAt: Number.isNaN(seenAt) ? undefined : seenAt };
}

/** The text of the record. */
export function formatNotice({ seenAt }: Notice): string {
  const seen_at = seenAt === undefined ? null : new Date(seenAt).toISOString();
  return `${JSON.stringify({ seen_at })}\n`;
}
