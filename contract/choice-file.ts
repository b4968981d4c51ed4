import { dataVersion } from './data-version.ts';
import { type DayNumber, formatMonth } from './day.ts';
import { type ReadableFiles, readText } from './file-access.ts';
import { choiceFileName } from './files.ts';
import { maxChoiceFileBytes } from './limits.ts';
import { uuidPattern } from './report/lists.ts';

/** The stored choice: a file that is shared with the engine, and in its format. */

/** `on`: count and send. `local`: count for the user, never send. `off`: nothing at all. */
export type Mode = 'on' | 'local' | 'off';

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
  // Dotfiles are often kept elsewhere, behind a link.
  const reading = readText(`${dataDir}/${choiceFileName}`, maxChoiceFileBytes, files, 'follow');
  switch (reading.state) {
    case 'none':
      return { state: 'none' };
    case 'unreadable':
      return unreadable(reading.reason);
    case 'read':
      return parseChoice(reading.text);
  }
}

/** The mode that a choice stands for, whatever overrides it. */
export function storedModeOf({ isEnabled, isLocal }: Choice): Mode {
  if (isEnabled) return 'on';
  return isLocal ? 'local' : 'off';
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
