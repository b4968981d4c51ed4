import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { bufferFile, claimPrefix, spoolFolder } from '../../../contract/files.ts';
import type { Ledger } from '../../../contract/ledger.ts';

/** What is counted and not sent. */
export interface Buffered {
  /** Of the buffer and its claims, without what the ledger has of them. */
  readonly bytes: number;
  /** Days with totals that are not sealed. */
  readonly days: readonly string[];
  /** Totals and lifecycle events of these days. */
  readonly events: number;
  /** Sealed and not accepted yet. */
  readonly reports: number;
}

/** Looks at sizes alone: only the sandbox reads what a buffer holds. */
export function describeBuffered(dataDir: string, ledger: Ledger | undefined): Buffered {
  const days = Object.entries(ledger?.days ?? {});
  return {
    bytes: unreadBytes(`${dataDir}/${spoolFolder}`, ledger?.claims ?? {}),
    days: days.map(([day]) => day),
    events: days.reduce((sum, [, day]) => sum + day.usage.length + day.events.length, 0),
    reports: ledger?.reports.length ?? 0,
  };
}

/** The same for a person. */
export function formatBuffered({ bytes, events, reports }: Buffered): string {
  const parts = [
    [bytes, 'byte of counts', 'bytes of counts'],
    [events, 'total', 'totals'],
    [reports, 'report', 'reports'],
  ] as const;
  const said = parts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`);
  return said.length === 0 ? 'nothing' : said.join(', ');
}

function unreadBytes(spool: string, claims: Ledger['claims']): number {
  return filesIn(spool)
    .filter((name) => name === basename(bufferFile) || name.startsWith(claimPrefix))
    .map((name) => Math.max(0, sizeOf(`${spool}/${name}`) - (claims[name] ?? 0)))
    .reduce((sum, bytes) => sum + bytes, 0);
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // None yet, or none that this user may look into.
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
