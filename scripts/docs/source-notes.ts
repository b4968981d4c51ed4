import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../set-up/paths.mjs';

/**
 * The comment above each exported constant of a source file, by name, in the file's order. One
 * comment serves all constants that follow it without an empty line between.
 */
export function readNotes(path: string): ReadonlyMap<string, string> {
  const notes = new Map<string, string>();
  let comment: string[] = [];
  let isInComment = false;
  for (const line of readFileSync(join(root, path), 'utf8').split('\n')) {
    const text = /^(?:\/\/|\/\*\*| \*(?!\/)) ?(.*?)(?: \*\/)?$/.exec(line)?.[1];
    const name = /^export const (\w+)/.exec(line)?.[1];
    if (text !== undefined) comment = isInComment ? [...comment, text] : [text];
    if (name !== undefined) notes.set(name, comment.join(' ').trim());
    if (line === '') comment = [];
    isInComment = text !== undefined;
  }
  return notes;
}
