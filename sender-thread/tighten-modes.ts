import files from 'node:fs';
import { isOpenToOthers } from '../contract/write-file.ts';

/**
 * Takes back what others may do with the spool and what is in it: an earlier umask, a copy or a backup may
 * have left more. Changes nothing that is as it should be.
 */
export function tightenModes(spool: string): void {
  tighten(spool, 0o700);
  for (const name of files.readdirSync(spool)) tighten(`${spool}/${name}`, 0o600);
}

function tighten(path: string, mode: number): void {
  try {
    const stat = files.lstatSync(path);
    // A file with a second name may be another program's.
    const isOurs = mode === 0o700 ? stat.isDirectory() : stat.isFile() && stat.nlink === 1;
    if (isOurs && isOpenToOthers(stat.mode, process.platform)) files.chmodSync(path, mode);
  } catch {
    // Deleted meanwhile, or of another owner, or a file system without modes: nothing gets worse.
  }
}
