import { constants } from 'node:fs';
import type { ConsentFiles } from '../../contract/consent.ts';
import type { FolderLook } from '../../contract/trust-folder.ts';

type Stat = ReturnType<ConsentFiles['fstatSync']> &
  NonNullable<ReturnType<FolderLook['lstatSync']>>;

/** A file system in memory that holds the texts for which `textOf` has one. */
export function textFiles(textOf: (path: string) => string | undefined): ConsentFiles {
  const opened: Uint8Array[] = [];
  const statOf = (text: string): Stat => ({
    size: Buffer.byteLength(text),
    mode: 0o600,
    uid: 0,
    gid: 0,
    isFile: () => true,
    isDirectory: () => false,
    isSymbolicLink: () => false,
  });
  const stat = (path: string): Stat | undefined => {
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
