import files from 'node:fs';
import { readChoice } from '../../contract/choice-file.ts';
import { ledgerFile } from '../../contract/files.ts';
import { maxLedgerBytes } from '../../contract/limits.ts';
import { readText } from '../../contract/read-file.ts';
import { uuidPattern } from '../../contract/report/lists.ts';

/**
 * The id that reports of this month go under, or that the first report would go under; null before
 * it is generated. Reads the ledger without its schema, which no start-up pays for.
 */
export function findMachineId(dataDir: string): string | null {
  try {
    const reading = readText(`${dataDir}/${ledgerFile}`, maxLedgerBytes, files);
    const ledger: unknown = reading.state === 'read' ? JSON.parse(reading.text) : undefined;
    const id = (ledger as { identity?: { machine_id?: unknown } } | undefined)?.identity
      ?.machine_id;
    if (typeof id === 'string' && uuidPattern.test(id)) return id;
  } catch {
    // A damaged ledger has no id to show; the next flush sees to it.
  }
  const choice = readChoice(dataDir, files);
  return choice.state === 'read' ? choice.choice.engineId : null;
}
