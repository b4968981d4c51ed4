import { backoffMaxMs } from './limits.ts';

/**
 * How long nothing may be sent after a failure. Apart from the ledger's schema, so that the main thread
 * can look without loading that.
 */

/**
 * Milliseconds from `now` to the instant that the ledger calls `not_before`. A wait longer than any that
 * is booked was booked by a clock that has been set back since, and is over.
 */
export function waitMsUntil(notBefore: string | null, now: number): number {
  const waitMs = notBefore === null ? 0 : Date.parse(notBefore) - now;
  return waitMs > 0 && waitMs <= backoffMaxMs ? waitMs : 0;
}

// Within the text of a JSON string every quote is escaped, so this finds the ledger's own key.
const notBeforePattern = /"not_before":\s*"([^"\\]+)"/;

/** The same, found in a ledger's text without parsing it; 0 when it says nothing. */
export function waitMsIn(ledgerText: string, now: number): number {
  return waitMsUntil(notBeforePattern.exec(ledgerText)?.[1] ?? null, now);
}
