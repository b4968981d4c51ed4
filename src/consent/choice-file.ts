import files from 'node:fs';
import {
  type Choice,
  type ChoiceSource,
  formatChoice,
  idToInherit,
  type Mode,
  readChoice,
} from '../../contract/consent.ts';
import { dayOf } from '../../contract/day.ts';
import { choiceFileName, temporarySuffix } from '../../contract/files.ts';

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
  replaceFile(path, formatChoice(choice, readPrevious(path), now));
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}${temporarySuffix}`;
  try {
    const file = files.openSync(temporary, 'wx', 0o600);
    try {
      // Not one `write`: on a disk that is almost full it may take a part and say nothing.
      files.writeFileSync(file, text);
      files.fsyncSync(file);
    } finally {
      files.closeSync(file);
    }
    files.renameSync(temporary, path);
  } catch (error) {
    files.rmSync(temporary, { force: true });
    throw error;
  }
}

function readPrevious(path: string): string | undefined {
  try {
    return files.readFileSync(path, 'utf8');
  } catch {
    // None, or none that could be read: nothing to keep.
    return undefined;
  }
}
