import { dataVersion } from './data-version.ts';
import { type ReadableFiles, readText } from './read-file.ts';
import { choiceFileName } from './files.ts';
import { maxChoiceFileBytes } from './limits.ts';
import { uuidPattern } from './report/lists.ts';

/** The stored choice: a file that is shared with the engine, and in its format. */

/** `on`: count and send. `local`: count for the user, never send. `off`: nothing at all. */
export const modes = ['on', 'local', 'off'] as const;
export type Mode = (typeof modes)[number];

/** A stored choice. Written only where a person chose, so that no timer can undo a choice. */
export interface Choice {
  readonly mode: Mode;
  readonly source: ChoiceSource;
  /** What the engine takes it for, where it runs without us. */
  readonly isEngineOn: boolean;
  /** The engine's id for this machine, which serves the first month; null in a choice of ours. */
  readonly engineId: string | null;
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

/**
 * Keys of the file: the engine's five, then ours. A yes made here is a yes to this contract and not
 * to the engine's: `enabled` is false beside every `mode`, so that an engine without us is silent.
 */
interface ChoiceFile {
  readonly enabled: boolean;
  readonly machine_id: string | null;
  readonly consent_source: ChoiceSource;
  readonly first_run_notice_shown: boolean;
  readonly updated_at: string;
  /** Left out for `off`, and by the engine. */
  readonly mode?: Mode;
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

/** The choice in the file's text. */
export function parseChoice(text: string): ChoiceReading {
  const file = parseObject(text);
  if (file === undefined) return unreadable('it is not a JSON object');
  const { enabled, machine_id: id = null, data_version: version = 1, generation } = file;
  if (typeof enabled !== 'boolean') return unreadable('"enabled" is neither true nor false');
  if (id !== null && !isUuid(id)) return unreadable('"machine_id" is not a UUIDv4');
  if (!isNatural(version)) return unreadable('"data_version" is not a natural number');
  const mode = parseMode(file.mode, enabled);
  if (mode === undefined) return unreadable('this version does not know its "mode"');
  const choice: Choice = {
    mode,
    source: parseSource(file.consent_source),
    isEngineOn: enabled,
    engineId: file.data_version === undefined ? id : null,
    generation: isNatural(generation) ? generation : 0,
    ...(version < dataVersion && { agreedTo: version }),
  };
  return { state: 'read', choice };
}

/** Undefined for a word of a version to come: what it asks for is not known here. */
function parseMode(mode: unknown, isEnabled: boolean): Mode | undefined {
  if (mode === undefined) return isEnabled ? 'on' : 'off';
  return modes.find((known) => known === mode);
}

/** What a choice says beside its mode. */
export type ChoiceTerms = Pick<Choice, 'source' | 'generation'>;

/**
 * The file's text for a choice. Keys of `previousText` that are not ours are kept, as far as the
 * whole can be read again.
 */
export function formatChoice(
  mode: Mode,
  { source, generation }: ChoiceTerms,
  previousText: string | undefined,
  now: number,
): string {
  const { mode: _, generation: __, ...kept } = parseObject(previousText ?? '') ?? {};
  const file: ChoiceFile = {
    enabled: false,
    machine_id: null,
    consent_source: source,
    first_run_notice_shown: true,
    updated_at: new Date(now).toISOString(),
    ...(mode !== 'off' && { mode }),
    data_version: dataVersion,
    ...(generation > 0 && { generation }),
  };
  const text = tryFormat({ ...kept, ...file });
  // Characters may be three bytes each.
  const isReadable = text !== undefined && 3 * text.length <= maxChoiceFileBytes;
  return isReadable ? text : formatJson(file);
}

function tryFormat(file: object): string | undefined {
  try {
    return formatJson(file);
  } catch {
    // Nested too deeply.
    return undefined;
  }
}

function formatJson(file: object): string {
  return `${JSON.stringify(file, undefined, 2)}\n`;
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
  return { state: 'unreadable', reason: `the choice file counts as off, because ${what}` };
}
