import { maxQueueDelayS, maxRetryDelayS } from '../limits.ts';

export interface RetryPolicy {
  /** First wait of a failed delivery. */
  readonly baseS: number;
  /** Instead of that, the one wait of all retries: for dead letters. */
  readonly fixedS?: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

interface Failure {
  /** Deliveries so far, this one included. */
  readonly attempts: number;
  /** Time alone does not mend it: a wrong key, a message of a version to come. */
  readonly isFault: boolean;
  /** What the sink asked for; 0 for nothing. */
  readonly retryAfterS: number;
}

/**
 * Seconds until the next delivery: doubles from the base up to an hour, spread over its upper half
 * so that a backlog does not come back all at once, and never sooner than the sink asked.
 */
export function retryDelayS(
  { attempts, isFault, retryAfterS }: Failure,
  { baseS, fixedS, random }: RetryPolicy,
): number {
  if (fixedS !== undefined) return fixedS;
  if (isFault) return maxRetryDelayS;
  const ceiling = Math.min(maxRetryDelayS, baseS * 2 ** Math.max(0, attempts - 1));
  const delay = Math.max(ceiling * (0.5 + random() / 2), retryAfterS);
  return Math.min(maxQueueDelayS, Math.ceil(delay));
}
