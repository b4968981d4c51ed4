import files from 'node:fs';
import type { ChoiceSource, Mode } from '../../contract/choice-file.ts';
import { spoolFolder } from '../../contract/files.ts';
import { printable } from '../../contract/printable.ts';
import { clearNeighbours, clearSpool } from '../../contract/clear-spool.ts';
import { modeStoredIn, storeChoice, type StoredMode } from './store-choice.ts';
import type { ConsentWatch } from './watch.ts';
import { decidedByWords } from './words.ts';

/** How a choice went. */
export interface ChoiceResult {
  readonly ok: boolean;
  /** What holds from now on, after everything that overrides a stored choice. */
  readonly mode: Mode;
  readonly storedMode: StoredMode;
  readonly message: string;
}

/**
 * Stores a choice; `off` also deletes all that was counted, by the engine too. Says so when it could
 * not. Never throws.
 */
export function choose(
  watch: ConsentWatch,
  wish: Mode,
  source: ChoiceSource = 'cli',
): ChoiceResult {
  const { dataDir } = watch.paths;
  const before = modeStoredIn(dataDir);
  const linked = readLink(`${dataDir}/${spoolFolder}`);
  let hadQueue = false;
  const failures = [
    attempt('the choice could not be stored', () => {
      // A process that was killed beside an `off` may have left what must never be sent.
      if (wish !== 'off' && before === 'off') clearSpool(dataDir, files);
      storeChoice(dataDir, wish, source, Date.now());
    }),
    attempt('the counts could not be deleted', () => {
      if (wish !== 'off') return;
      clearSpool(dataDir, files);
      hadQueue = clearNeighbours(dataDir, files);
    }),
  ].filter((failure) => failure !== undefined);
  const { mode, decidedBy } = watch.look();
  const modes = { mode, storedMode: modeStoredIn(dataDir) };
  if (failures.length > 0) return { ok: false, ...modes, message: failures.join('; ') };
  if (mode !== wish) {
    const message = `Saved: ${wish}. But telemetry is still ${mode}, because of ${decidedByWords[decidedBy]}.`;
    return { ok: true, ...modes, message };
  }
  const message = describeDone(wish, before, hadQueue);
  const isLinkGone = wish === 'off' && linked !== undefined;
  return { ok: true, ...modes, message: isLinkGone ? `${message}\n${tellLink(linked)}` : message };
}

/** Where a link leads; undefined for what is none. */
function readLink(path: string): string | undefined {
  try {
    return files.readlinkSync(path);
  } catch {
    // Nothing there, or a directory, as it should be.
    return undefined;
  }
}

function tellLink(target: string): string {
  return `The directory of counts was a link. The link is deleted; its target is unchanged: ${printable(target)}`;
}

const done: { readonly [Wish in Mode]: string } = {
  on: 'Telemetry is on. Totals of past days are sent. To see them first: codegraph telemetry show',
  local: 'Telemetry is local. It counts for you and sends nothing. See: codegraph telemetry usage',
  off: 'Telemetry is off. Everything that was counted on this machine is deleted.',
};

const queueIsGone =
  'Telemetry is off. Everything that was counted on this machine is deleted, including unsent counts ' +
  'of the engine itself.';

const localWillLeave =
  'That includes what was counted while it was local. To delete that first: ' +
  'codegraph telemetry off && codegraph telemetry on';

function describeDone(wish: Mode, before: StoredMode, hadQueue: boolean): string {
  if (hadQueue) return queueIsGone;
  return before === 'local' && wish === 'on' ? `${done.on}\n${localWillLeave}` : done[wish];
}

function attempt(what: string, action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return `${what}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
