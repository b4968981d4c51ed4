import { readdirSync, readFileSync } from 'node:fs';
import type { DayNumber } from '../../contract/day.ts';
import type { Frame } from '../../contract/frame.ts';
import type { Ledger } from '../../contract/ledger.ts';

/** Bytes of a buffer, and what a reader finds in them. */
export interface FrameVector {
  readonly what: string;
  readonly hex: string;
  readonly frames: readonly Frame[];
  /** Bytes that belong to no whole frame. */
  readonly lost_bytes: number;
}

/** The text of a ledger file, and the ledger in it; null when it holds none. */
export interface LedgerVector {
  readonly what: string;
  readonly text: string;
  readonly ledger: Ledger | null;
  /** What it was made of, if it was: claims in hex, counted and sealed at noon of a day. */
  readonly made_of?: { readonly claims: readonly string[]; readonly today: DayNumber };
}

interface Vectors {
  readonly frames: FrameVector;
  readonly ledgers: LedgerVector;
  /** Bodies as they cross the wire: ours, and those of the published client. */
  readonly reports: Readonly<Record<string, unknown>>;
  readonly 'published-client': Readonly<Record<string, unknown>>;
}

/** The golden vectors of one kind, by the name of their file. */
export function readVectors<Kind extends keyof Vectors>(
  kind: Kind,
): readonly { readonly file: string; readonly vector: Vectors[Kind] }[] {
  const folder = new URL(`../vectors/${kind}/`, import.meta.url);
  return readdirSync(folder)
    .toSorted()
    .map((file) => ({
      file,
      vector: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Vectors[Kind],
    }));
}

/** Ids that count up from zero: whoever makes a vector again makes the same one. */
export function vectorIds(count: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(16 * count));
  for (let id = 0; id < count; id++) bytes.setUint32(16 * id + 12, id);
  return new Uint8Array(bytes.buffer);
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
