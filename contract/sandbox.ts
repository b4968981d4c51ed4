import * as v from 'valibot';
import { type Envelope, uuid } from './report/allowlist.ts';
import type { DayNumber } from './day.ts';
import { maxLedgerBytes, maxReportsPerFlush } from './limits.ts';
import { isSealed, type SealedText } from './report/check.ts';

/**
 * What crosses the wall of the WebAssembly sandbox: copied values, in both directions. The guest
 * has no clock, no identity and no randomness of its own; all three come in here.
 */

/** Counts claims into the ledger, and seals what may leave. */
export interface AbsorbRequest<Claim = SandboxClaim> {
  /** The ledger's text; null when there is no file. */
  readonly ledger: string | null;
  readonly claims: readonly Claim[];
  /** Bytes of frames to count in this call, so that a flush that is cut short has got somewhere. */
  readonly maxBytes: number;
  readonly today: DayNumber;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Who reports; null when nothing may leave now, so that nothing is sealed. */
  readonly reporter: Reporter | null;
  /** Sixteen random bytes an id, for as many ids as may be needed. */
  readonly randomBytes: Uint8Array;
}

/** The envelope of a report, but for the id. */
export type MachineFacts = Omit<Envelope, 'machine_id'>;

export interface Reporter {
  readonly machine: MachineFacts;
  /** Ids to take when a month needs a new one: for as many months as one flush may touch. */
  readonly newMachineIds: readonly string[];
  /** The id that the engine has given this machine: serves the first month only. */
  readonly inheritedMachineId: string | null;
}

export interface SandboxClaim {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** No process can still be writing to it. */
  readonly isFinal: boolean;
}

/** A claim as it crosses: its frames are found and their checksums right; nobody has read them. */
export interface FramedClaim extends Pick<SandboxClaim, 'name' | 'isFinal'> {
  /** Bytes of the claim. */
  readonly size: number;
  /** The payloads of its frames one after the other, alike short ones once. */
  readonly payloads: Uint8Array;
  /** Where each of them ends in `payloads`, as 32-bit numbers. */
  readonly payloadEnds: ArrayBuffer;
  /** For each frame which payload it has, and where it ends in the claim, as 32-bit numbers. */
  readonly frames: ArrayBuffer;
}

export interface AbsorbResponse {
  readonly ledger: string;
  /** The ledger that came in was no ledger; counting starts from an empty one. */
  readonly wasLedgerDamaged: boolean;
  /** False when frames are left for another call; then nothing is sealed yet. */
  readonly isComplete: boolean;
  /** Claims that hold nothing the ledger does not. */
  readonly spentClaims: readonly string[];
  /** Reports to send now, oldest first. */
  readonly reports: readonly OutgoingReport[];
  /** How the flush stands if nothing of it is sent. */
  readonly outcome: 'nothing-to-send' | 'waiting';
}

export interface OutgoingReport {
  readonly batchId: string;
  readonly events: number;
  readonly text: SealedText;
}

/** What the ingest said to one report. */
export type SendResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'unreachable'; readonly reason?: string | undefined }
  /** It had left when the time was up or the connection ended: it may have arrived. */
  | { readonly kind: 'unanswered'; readonly reason?: string | undefined }
  | { readonly kind: 'postponed'; readonly retryAfterMs: number };

/** Writes into the ledger what became of a report. */
export interface BookAnswerRequest {
  readonly ledger: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly batchId: string;
  readonly result: SendResult;
  /** From 0 to 1: spreads the retries of many machines. */
  readonly jitter: number;
  /** The report that goes out next, whose attempt counts as failed until its answer is here. */
  readonly nextBatchId?: string | undefined;
}

export interface BookAnswerResponse {
  readonly ledger: string;
}

// The texts were sealed behind the wall, where the allowlist is applied. It is applied once more out
// here: should the wall ever break, still nothing else is sent.
const sealedText = v.custom<SealedText>((value) => typeof value === 'string' && isSealed(value));
const ledgerText = v.pipe(v.string(), v.maxLength(maxLedgerBytes));

const absorbResponse = v.strictObject({
  ledger: ledgerText,
  wasLedgerDamaged: v.boolean(),
  isComplete: v.boolean(),
  spentClaims: v.array(v.string()),
  reports: v.pipe(
    v.array(v.strictObject({ batchId: uuid, events: v.number(), text: sealedText })),
    v.maxLength(maxReportsPerFlush),
  ),
  outcome: v.picklist(['nothing-to-send', 'waiting']),
});
const bookAnswerResponse = v.strictObject({ ledger: ledgerText });

/**
 * The guest's answer to `absorb`.
 *
 * @throws ValiError when the guest answered something else.
 */
export function parseAbsorbResponse(value: unknown): AbsorbResponse {
  return v.parse(absorbResponse, value);
}

/**
 * The guest's answer to `settle`.
 *
 * @throws ValiError when the guest answered something else.
 */
export function parseBookAnswerResponse(value: unknown): BookAnswerResponse {
  return v.parse(bookAnswerResponse, value);
}
