import files from 'node:fs';
import { receiptsFile } from '../../../contract/files.ts';
import { maxReceiptsFileBytes } from '../../../contract/limits.ts';
import { readText } from '../../../contract/read-file.ts';
import { replaceFile } from '../../../contract/write-file.ts';
import type { TelemetryContext } from './context.ts';
import { describeLog } from './log.ts';
import { maskEndpoint } from '../../../contract/endpoint.ts';

/** Receipts that outlive `off`, for a user who asks for it. No other program reads them. */
const keptFile = 'telemetry-receipts.jsonl';

/** What `off` cannot delete: reports that were sent, by the IDs that an operator needs to find them. */
export interface Remains {
  readonly endpoint: string;
  readonly reports: number;
  readonly machineIds: readonly string[];
}

/** Null where nothing tells of a report. To be asked before `off` deletes the receipts. */
export function describeRemains(context: TelemetryContext): Remains | null {
  const receipts = describeLog(context);
  const ids = new Set(receipts.map(({ body }) => readMachineId(body)).filter((id) => id !== ''));
  if (ids.size === 0) return null;
  const places = new Set(
    receipts.map(({ endpoint }) => endpoint ?? maskEndpoint(context.endpoint)),
  );
  return {
    endpoint: [...places].join(', '),
    reports: receipts.length,
    machineIds: [...ids],
  };
}

/** The same for a person. */
export function formatRemains({ endpoint, reports, machineIds }: Remains): string {
  const sent = reports === 1 ? '1 report was' : `${reports} reports were`;
  return (
    `${sent} sent to ${endpoint} and may remain there, under these IDs:\n` +
    `${machineIds.map((id) => `  ${id}`).join('\n')}\n` +
    'To have them erased, send the IDs to the operator of that endpoint. ' +
    'The log that held them is deleted.'
  );
}

/** The receipts as text, to be stored again by `storeReceipts`. */
export function readReceipts({ watch }: TelemetryContext): string {
  const path = `${watch.paths.dataDir}/${receiptsFile}`;
  const reading = readText(path, maxReceiptsFileBytes, files);
  return reading.state === 'read' ? reading.text : '';
}

/** Puts receipts where `off` leaves them. Returns the path. @throws what the file system throws. */
export function storeReceipts({ watch }: TelemetryContext, text: string): string {
  const path = `${watch.paths.dataDir}/${keptFile}`;
  replaceFile(path, text, files);
  return path;
}

/** Deletes them: `off` without the option forgets everything. @throws what the file system throws. */
export function deleteStoredReceipts({ watch }: TelemetryContext): void {
  files.rmSync(`${watch.paths.dataDir}/${keptFile}`, { force: true });
}

function readMachineId(body: string): string {
  try {
    const { machine_id: id } = JSON.parse(body) as { readonly machine_id?: unknown };
    return typeof id === 'string' ? id : '';
  } catch {
    return '';
  }
}
