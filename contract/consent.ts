import { type Choice, type ChoiceReading, type Mode, readChoice } from './choice-file.ts';
import { isAbsent, type ReadableFiles } from './read-file.ts';
import { type Notice, readNotice } from './notice.ts';
import { noticeWaitMs } from './limits.ts';
import { type FolderLook, whyUntrusted } from './trust-folder.ts';

/**
 * Who decides, in one table. The main thread asks it when it counts, the sender thread asks it
 * again before each POST; both hand in their file system, as the contract imports nothing.
 */

/**
 * What decided. `unreadable`: a stored choice that cannot be read, so it counts as off. `untrusted`:
 * directories that are not this user's alone. `build`: the default that a distributor has built in.
 */
export type DecidedBy =
  | 'DO_NOT_TRACK'
  | 'policy'
  | '--no-telemetry'
  | 'CODEGRAPH_TELEMETRY'
  | 'stored'
  | 'unreadable'
  | 'untrusted'
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

declare const __TELEMETRY_POLICY__: string | undefined;

/**
 * What a distributor has built in: with `default-off`, telemetry is off until the user chooses.
 */
export type BuildPolicy = 'default-on' | 'default-off';

export const buildPolicies: readonly BuildPolicy[] = ['default-on', 'default-off'];

/** Set by `TELEMETRY_POLICY=… npm run build`, which refuses any other word. */
const buildPolicy: BuildPolicy =
  buildPolicies.find(
    (policy) => typeof __TELEMETRY_POLICY__ === 'string' && policy === __TELEMETRY_POLICY__,
  ) ?? 'default-on';

/** What is needed of `node:fs` to decide. */
export type ConsentFiles = ReadableFiles & FolderLook;

/** The decision: first match wins. Reads a file only when nothing before it has decided. */
export function decideConsent(
  overrides: ConsentOverrides,
  paths: ConsentPaths,
  files: ConsentFiles,
  policy: BuildPolicy = buildPolicy,
): Consent {
  const consent = decide(overrides, paths, files);
  const flaw = consent.mode === 'off' ? undefined : findFlaw(paths.dataDir, files);
  if (flaw !== undefined) return { ...off('untrusted'), warning: flaw };
  const isUndecided = consent.mode === 'on' && consent.decidedBy === 'default';
  return policy === 'default-off' && isUndecided ? off('build') : consent;
}

function decide(overrides: ConsentOverrides, paths: ConsentPaths, files: ReadableFiles): Consent {
  if (isSet(overrides.doNotTrack)) return off('DO_NOT_TRACK');
  if (hasPolicy(paths.policyFile, files)) return off('policy');
  if (overrides.hasFlag) return off('--no-telemetry');
  const variable = overrides.codegraphTelemetry?.trim().toLowerCase();
  if (variable) return decideByVariable(variable);
  return decideByChoice(readChoice(paths.dataDir, files), () => readNotice(paths.dataDir, files));
}

/** Whether a report may leave at this moment, in epoch milliseconds. The only place that says so. */
export function maySend({ mode, sendFrom }: Consent, now: number): boolean {
  return mode === 'on' && now >= sendFrom;
}

/**
 * Whether a person has turned it off here, so that what is stored has to go. A choice that cannot be
 * read just now, by a process with too many open files, is off as well, and deletes nothing.
 */
export function isTurnedOff({ mode, decidedBy }: Consent): boolean {
  return mode === 'off' && decidedBy === 'stored';
}

/** Whether a variable is set to anything except an empty value, `0` or `false`. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.trim().toLowerCase());
}

/** A yes is no yes to files that others may have planted. */
function findFlaw(dataDir: string, files: FolderLook): string | undefined {
  try {
    const flaw = whyUntrusted(dataDir, files);
    return flaw && `${flaw}, so nothing is counted`;
  } catch {
    // A folder that cannot be looked at takes no file either: the writer meets the reason.
    return undefined;
  }
}

function hasPolicy(path: string, files: ReadableFiles): boolean {
  try {
    return !isAbsent(path, files);
  } catch {
    // An unreadable policy file still counts.
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
    : {
        ...consent,
        warning: 'CODEGRAPH_TELEMETRY has an unknown value, so it counts as off. Use 1 or 0',
      };
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
  const { mode, source, agreedTo, generation } = choice;
  const terms = { generation, ...(agreedTo !== undefined && { agreedTo }) };
  if (mode === 'off') return { ...off('stored'), generation };
  if (mode === 'local') return { mode, decidedBy: 'stored', sendFrom: Infinity, ...terms };
  if (source === 'default-notice') return { ...onByDefault(noticeOf()), generation };
  return { mode, decidedBy: 'stored', sendFrom: 0, ...terms };
}

/** Only a notice that our own command has shown on a terminal starts the time to refuse. */
function onByDefault({ seenAt }: Notice): Consent {
  const sendFrom = seenAt === undefined ? Infinity : seenAt + noticeWaitMs;
  return { mode: 'on', decidedBy: 'default', sendFrom, generation: 0 };
}

function off(decidedBy: DecidedBy): Consent {
  return { mode: 'off', decidedBy, sendFrom: Infinity, generation: 0 };
}
