import files from 'node:fs';
import {
  type ChoiceSource,
  formatChoice,
  type Mode,
  readChoice,
} from '../../contract/choice-file.ts';
import { whyFolderUntrusted } from '../../contract/trust-folder.ts';
import { makeFolder, replaceFile } from '../../contract/write-file.ts';
import { readText } from '../../contract/read-file.ts';
import { choiceFileName } from '../../contract/files.ts';
import { maxChoiceFileBytes } from '../../contract/limits.ts';

/**
 * Stores what a person chose, where the engine looks for it too. A concurrent reader sees the old choice
 * or the new one, never half of one; keys of others are kept. A link stays: the file that it
 * leads to is changed.
 *
 * @throws what the file system throws when it could not be stored.
 */
export function storeChoice(dataDir: string, wish: Mode, source: ChoiceSource, now: number): void {
  const path = `${dataDir}/${choiceFileName}`;
  const reading = readChoice(dataDir, files);
  const before = reading.state === 'read' ? reading.choice.generation : 0;
  const generation = wish === 'off' ? before + 1 : before;
  makeFolder(dataDir, files);
  const flaw = whyFolderUntrusted(dataDir, files);
  if (flaw !== undefined) throw new Error(flaw);
  const target = findTarget(path, dataDir);
  const text = formatChoice(wish, { source, generation }, readPrevious(path), now);
  try {
    replaceFile(target, text, files);
  } catch (error) {
    if (!writeInPlace(target, text)) storeElsewhere(path, target, wish, text, error);
  }
}

/**
 * The file that holds the choice. A link is followed to a choice of the same owner; any other is replaced
 * by a file, because what is behind it was not written as a choice, and may be dear to its owner.
 */
function findTarget(path: string, dataDir: string): string {
  try {
    if (files.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
    const target = files.realpathSync(path);
    const stat = files.statSync(target);
    const isOurs = stat.isFile() && stat.uid === files.lstatSync(dataDir).uid;
    return isOurs && isChoice(path) ? target : path;
  } catch {
    // It leads nowhere.
    return path;
  }
}

/** Whether there is a JSON object, as the engine and we write them, or nothing yet. */
function isChoice(path: string): boolean {
  const text = readPrevious(path);
  return text !== undefined && (text.trim() === '' || isJsonObject(text));
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'enabled' in value;
  } catch {
    return false;
  }
}

/** For a directory that takes no second file. A reader of the half sees no choice, which is off. */
function writeInPlace(path: string, text: string): boolean {
  try {
    const stat = files.lstatSync(path, { throwIfNoEntry: false });
    // A second name may be of a file that is no choice.
    if (stat?.isFile() !== true || stat.nlink > 1) return false;
    files.writeFileSync(path, text, { flag: 'r+' });
    files.truncateSync(path, Buffer.byteLength(text));
    return true;
  } catch {
    return false;
  }
}

/**
 * Nothing may keep an `off` from holding, so a file replaces the link. It stays until the user restores
 * the link.
 */
function storeElsewhere(
  path: string,
  target: string,
  wish: Mode,
  text: string,
  error: unknown,
): never {
  if (wish === 'off' && target !== path) replaceFile(path, text, files);
  throw error;
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
  if (reading.state === 'none') return null;
  return reading.state === 'read' ? reading.choice.mode : 'unreadable';
}
