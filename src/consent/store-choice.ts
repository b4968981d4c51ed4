import files from 'node:fs';
import {
  type Choice,
  type ChoiceSource,
  formatChoice,
  idToInherit,
  type Mode,
  readChoice,
  storedModeOf,
} from '../../contract/choice-file.ts';
import { dayOf } from '../../contract/day.ts';
import { readText, replaceFile } from '../../contract/file-access.ts';
import { choiceFileName } from '../../contract/files.ts';
import { maxChoiceFileBytes } from '../../contract/limits.ts';

/**
 * Stores what a person chose, where the engine looks for it too. An `on` has an id at once, since
 * the engine takes a choice without one for none; `off` forgets it. Whoever reads meanwhile sees
 * the old choice or the new one, never half of one; keys of others are kept.
 *
 * @throws what the file system throws when it could not be stored.
 */
export function storeChoice(dataDir: string, wish: Mode, source: ChoiceSource, now: number): void {
  const path = `${dataDir}/${choiceFileName}`;
  const reading = readChoice(dataDir, files);
  const before = reading.state === 'read' ? reading.choice : undefined;
  const knownId = before?.isEnabled ? idToInherit(before, dayOf(now)) : null;
  const generation = before?.generation ?? 0;
  const choice: Choice = {
    isEnabled: wish === 'on',
    isLocal: wish === 'local',
    source,
    machineId: wish === 'on' ? (knownId ?? crypto.randomUUID()) : null,
    generation: wish === 'off' ? generation + 1 : generation,
  };
  files.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const random = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  replaceFile(path, formatChoice(choice, readPrevious(path), now), random, files);
}

function readPrevious(path: string): string | undefined {
  const reading = readText(path, maxChoiceFileBytes, files, 'follow');
  return reading.state === 'read' ? reading.text : undefined;
}

/** The choice in the file, whatever overrides it; null when there is none. */
export type StoredMode = Mode | 'unreadable' | null;

/** Reads it. Changes nothing. */
export function modeStoredIn(dataDir: string): StoredMode {
  const reading = readChoice(dataDir, files);
  switch (reading.state) {
    case 'none':
      return null;
    case 'unreadable':
      return 'unreadable';
    case 'read':
      return storedModeOf(reading.choice);
  }
}
