import files from 'node:fs';
import { formatNotice, readNotice } from '../../contract/notice.ts';
import { clearIfTurnedOff } from '../../contract/clear-spool.ts';
import { makeFolder, replaceFile } from '../../contract/write-file.ts';
import { noticeFile, spoolFolder } from '../../contract/files.ts';
import type { Telemetry } from '../telemetry.ts';
import { fit } from '../screen.ts';
import { isAttended } from './attendance.ts';

// Three lines below 80 columns.
export const noticeText =
  'codegraph counts which commands and tools are used, without names or code, and\n' +
  'sends totals from tomorrow on. Details: codegraph telemetry show, TELEMETRY.md.\n' +
  'Turn off: codegraph telemetry off, or CODEGRAPH_TELEMETRY=0';

/**
 * Tells the person at a machine without a choice what will happen, once, on stderr. Only a notice that a
 * person can have seen starts the time to refuse. One in a pipe, a log, or the terminal of a build server
 * or a coding agent does not. Never throws: without a notice, nothing is sent.
 */
export function showNotice(
  telemetry: Pick<Telemetry, 'status'>,
  now: number = Date.now(),
  hasReader: boolean = isAttended(process.env),
): void {
  const { consent, paths } = telemetry.status();
  if (consent.mode !== 'on' || consent.decidedBy !== 'default' || paths === undefined) return;
  const { isPrinted, seenAt } = readNotice(paths.dataDir, files);
  if (seenAt !== undefined || (isPrinted && !hasReader)) return;
  try {
    recordNotice(paths.dataDir, hasReader ? now : undefined);
    process.stderr.write(`${fit(noticeText, process.stderr)}\n`);
    clearIfTurnedOff(telemetry.status().consent, paths.dataDir, files);
  } catch {
    // A home that cannot be written: the line would come with every command, and for nothing.
  }
}

function recordNotice(dataDir: string, seenAt: number | undefined): void {
  makeFolder(dataDir, files);
  makeFolder(`${dataDir}/${spoolFolder}`, files);
  const text = formatNotice({ isPrinted: true, seenAt });
  replaceFile(`${dataDir}/${noticeFile}`, text, files);
}
