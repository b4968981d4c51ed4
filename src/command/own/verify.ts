import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** What was found, in words, and whether all is as it was published. */
export interface Verification {
  readonly ok: boolean;
  readonly message: string;
}

/** The list of hashes, beside the files that it lists. */
export const hashesFile = 'hashes.json';

/**
 * Compares the installed files with the list that was published with them. Reads every file, changes
 * nothing, asks no network. An attacker who can change a file can change the list too, so the list's own
 * hash is printed: the page of the release has the right one.
 */
export function verify(folder = import.meta.dirname): Verification {
  try {
    const text = readFileSync(join(folder, hashesFile), 'utf8');
    const listed = readHashes(text);
    const found = hashFiles(folder);
    const names = [...new Set([...listed.keys(), ...found.keys()])].toSorted();
    const flaws = names.flatMap((name) => describeFlaw(name, listed.get(name), found.get(name)));
    const list = `sha256 of ${hashesFile}: ${sha256(text)}`;
    if (flaws.length > 0) return { ok: false, message: [...flaws, list].join('\n') };
    const message = `${listed.size} files are as they were published.\n${list}`;
    return { ok: true, message: `${message}\nCompare it with the page of the release.` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `The installed files cannot be compared: ${reason}` };
  }
}

/** The SHA-256 of every file below `folder`, except the list, by its path from there. */
export function hashFiles(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name !== hashesFile && !name.startsWith('.'))
    .toSorted();
  return new Map(
    names.map((name) => [name.replaceAll(sep, '/'), sha256(readFileSync(join(folder, name)))]),
  );
}

/** @throws Error when the text is no list of hashes. */
function readHashes(text: string): ReadonlyMap<string, string> {
  const value: unknown = JSON.parse(text);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) throw new Error(`${hashesFile} lists nothing`);
  return new Map(entries.map(([name, hash]) => [name, String(hash)]));
}

function describeFlaw(
  name: string,
  listed: string | undefined,
  found: string | undefined,
): readonly string[] {
  if (listed === found) return [];
  if (found === undefined) return [`missing: ${name}`];
  return [`${listed === undefined ? 'not published' : 'changed'}: ${name}`];
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
