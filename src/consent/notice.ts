import files from 'node:fs';
import { formatNotice, readNotice } from '../../contract/notice.ts';
import { clearIfTurnedOff } from '../../contract/clear-spool.ts';
import { noticeFile, spoolFolder } from '../../contract/files.ts';
import type { Telemetry } from '../telemetry.ts';

export const noticeText =
  'codegraph counts which commands and tools are used, without names or code, and sends totals ' +
  'from tomorrow on. See: codegraph telemetry status. Turn off: codegraph telemetry off';

/**
 * Tells a person on a machine without a choice what is going to happen, once, on stderr. Only what
 * a terminal showed starts the time to refuse; what went into a pipe or a log counts for nothing.
 * Never throws: an untold person is never sent from.
 */
export function showNotice(telemetry: Pick<Telemetry, 'status'>, now: number = Date.now()): void {
  const { consent, paths } = telemetry.status();
  if (consent.mode !== 'on' || consent.decidedBy !== 'default' || paths === undefined) return;
  const { isPrinted, seenAt } = readNotice(paths.dataDir, files);
  const isTerminal = process.stderr.isTTY;
  if (seenAt !== undefined || (isPrinted && !isTerminal)) return;
  try {
    recordNotice(paths.dataDir, isTerminal ? now : undefined);
  } catch {
    // A home that cannot be written: the line would come with every command, and for nothing.
    return;
  }
  process.stderr.write(`${noticeText}\n`);
  clearIfTurnedOff(telemetry.status().consent, paths.dataDir, files);
}

function recordNotice(dataDir: string, seenAt: number | undefined): void {
  files.mkdirSync(`${dataDir}/${spoolFolder}`, { recursive: true, mode: 0o700 });
  const text = formatNotice({ isPrinted: true, seenAt });
  files.writeFileSync(`${dataDir}/${noticeFile}`, text, { mode: 0o600 });
}
