import { spoolFolder } from './files.ts';

/** Whether the folders of ours are this user's alone, so that a name in them leads nowhere else. */

/** What is needed of `node:fs` to look at a folder. */
export interface FolderLook {
  lstatSync(path: string, options: { throwIfNoEntry: false }): FolderStat | undefined;
}

interface FolderStat {
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

// Whoever reads files has it; the sandbox, which reads none, does not. Windows has no user numbers.
declare const process: { geteuid?: () => number };

/**
 * Why nothing may be read, written or sent here: the data folder or the spool is a link, another
 * user's, or open to others. Undefined where both are as they should be, or not there yet. Costs two
 * `lstat` calls.
 *
 * @throws what the file system throws when it does not let us look.
 */
export function whyUntrusted(dataDir: string, files: FolderLook): string | undefined {
  return (
    whyFolderUntrusted(dataDir, files) ?? whyFolderUntrusted(`${dataDir}/${spoolFolder}`, files)
  );
}

/**
 * The same for one of the two folders.
 *
 * @throws as `whyUntrusted` does.
 */
export function whyFolderUntrusted(path: string, files: FolderLook): string | undefined {
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  const stat = files.lstatSync(path, { throwIfNoEntry: false });
  const flaw = stat && flawOf(stat, uid);
  return flaw && `${path} ${flaw}`;
}

function flawOf(stat: FolderStat, uid: number): string | undefined {
  if (stat.isSymbolicLink()) return 'is a link';
  // What is no folder takes no file: that is told where it is met.
  if (!stat.isDirectory()) return undefined;
  if (stat.uid !== uid) return 'belongs to another user';
  return isOpenToOthers(stat) ? 'can be changed by other users' : undefined;
}

/**
 * A group with its owner's number is that owner's own: under the umask of such systems, 0002, the
 * engine makes its folder open to it.
 */
function isOpenToOthers({ mode, uid, gid }: FolderStat): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== uid);
}
