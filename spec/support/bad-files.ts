import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bufferFile, choiceFileName, ledgerFile, lockFile } from '../../contract/files.ts';
import type { TestHome } from './home.ts';

/** Something that stands where one of our files should. */
export interface BadPlace {
  readonly name: string;
  /** Makes it so; returns what HOME is, if not the home. */
  readonly make: (home: TestHome) => string | undefined | void;
}

/** What there may be instead of a home, a folder or a file of ours. */
export const badPlaces: readonly BadPlace[] = [
  { name: 'a buffer of foreign bytes', make: (home) => putFile(home, bufferFile, noise()) },
  { name: 'a folder in place of the buffer', make: (home) => putFolder(home, bufferFile) },
  {
    name: 'a pipe in place of the buffer',
    make: (home) => {
      mkdirSync(home.spool, { recursive: true });
      execFileSync('mkfifo', [join(home.folder, bufferFile)]);
    },
  },
  {
    name: 'a link in place of the buffer',
    make: (home) => putLink(home, bufferFile),
  },
  { name: 'a ledger that is none', make: (home) => putFile(home, ledgerFile, '{"days": [') },
  { name: 'a folder in place of the ledger', make: (home) => putFolder(home, ledgerFile) },
  { name: 'a folder in place of the lock', make: (home) => putFolder(home, lockFile) },
  { name: 'a folder in place of a claim', make: (home) => putFolder(home, 'telemetry/claim-abc') },
  { name: 'a folder in place of the choice', make: (home) => putFolder(home, choiceFileName) },
  {
    name: 'a file in place of the spool',
    make: ({ folder, spool }) => {
      mkdirSync(folder);
      writeFileSync(spool, '');
    },
  },
  {
    name: 'a spool that is a link to itself',
    make: ({ folder, spool }) => {
      mkdirSync(folder);
      symlinkSync(spool, spool);
    },
  },
  { name: 'a file in place of ~/.codegraph', make: ({ folder }) => writeFileSync(folder, '') },
  { name: 'a home that is no folder', make: () => '/dev/null' },
  { name: 'a home where nobody may write', make: () => '/sys' },
  { name: 'a home with no name', make: () => '' },
  { name: 'a home that is not absolute', make: () => 'home' },
];

/** A file outside of `~/.codegraph`, for links to lead to. */
export function elsewhere({ root }: TestHome): string {
  return join(root, 'elsewhere');
}

/** Puts a file at a name below `~/.codegraph`. */
export function putFile({ folder, spool }: TestHome, name: string, content: string | Buffer): void {
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Puts an empty folder there. */
export function putFolder({ folder }: TestHome, name: string): void {
  mkdirSync(join(folder, name), { recursive: true });
}

/** Puts a link there, to a file that is not ours. */
export function putLink(home: TestHome, name: string): void {
  mkdirSync(home.spool, { recursive: true });
  symlinkSync(elsewhere(home), join(home.folder, name));
}

/** Bytes that are no frame, with marks of frames among them. */
export function noise(): Buffer {
  return Buffer.from([0xc1, 0, 0, 0, 9, ...Array.from({ length: 200 }, (_, i) => (i * 89) % 256)]);
}
