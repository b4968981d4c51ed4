import { maxQueueDelayS, maxRetryDelayS } from './limits.ts';

interface Retry {
  /** Deliveries so far, this one included. */
  readonly attempts: number;
  readonly baseS: number;
  /** What the sink asked for; 0 for nothing. */
  readonly retryAfterS: number;
  /** From 0 to 1. */
  readonly jitter: number;
}

/**
 * Seconds until the next delivery: doubles from the base up to an hour, spread over its upper half
 * so that a backlog does not come back all at once, and never sooner than the sink asked.
 */
export function retryDelayS({ attempts, baseS, retryAfterS, jitter }: Retry): number {
  const ceiling = Math.min(maxRetryDelayS, baseS * 2 ** Math.max(0, attempts - 1));
  const delay = Math.max(ceiling * (0.5 + jitter / 2), retryAfterS);
  return Math.min(maxQueueDelayS, Math.ceil(delay));
}
