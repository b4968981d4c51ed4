import files from 'node:fs';

/**
 * Takes back what others may do with the spool and what is in it: an earlier umask, a copy or a backup may
 * have left more. Changes nothing that is as it should be, and nothing on Windows, which has no modes.
 */
export function tightenModes(spool: string): void {
  if (process.platform === 'win32') return;
  tighten(spool, 0o700);
  for (const name of files.readdirSync(spool)) tighten(`${spool}/${name}`, 0o600);
}

function tighten(path: string, mode: number): void {
  try {
    const stat = files.lstatSync(path);
    const isOurs = mode === 0o700 ? stat.isDirectory() : stat.isFile();
    if (isOurs && (stat.mode & 0o077) !== 0) files.chmodSync(path, mode);
  } catch {
    // Deleted meanwhile, or of another owner, or a file system without modes: nothing gets worse.
  }
}
