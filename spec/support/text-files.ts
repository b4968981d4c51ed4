import { constants } from 'node:fs';
import type { ReadableFiles } from '../../contract/read-file.ts';

/** A file system in memory that holds the texts for which `textOf` has one. */
export function textFiles(textOf: (path: string) => string | undefined): ReadableFiles {
  const opened: Uint8Array[] = [];
  const statOf = (text: string): { size: number; isFile: () => boolean } => ({
    size: Buffer.byteLength(text),
    isFile: () => true,
  });
  const stat: ReadableFiles['statSync'] = (path) => {
    const text = textOf(path);
    return text === undefined ? undefined : statOf(text);
  };
  return {
    constants,
    statSync: stat,
    lstatSync: stat,
    openSync: (path) => opened.push(Buffer.from(textOf(path) ?? '')) - 1,
    fstatSync: (file) => statOf(String(opened[file])),
    readSync: (file, target) => {
      const bytes = opened[file]!.subarray(0, target.length);
      opened[file] = opened[file]!.subarray(bytes.length);
      target.set(bytes);
      return bytes.length;
    },
    closeSync: () => undefined,
  };
}
