import type { AccountStore } from '../forward/account-store.ts';
import { canaryMissedMs } from '../limits.ts';

/**
 * `GET /v1/health`. Strangers learn no more than this: what is wrong is told to the operator, by alerts
 * and by `npm run ingest:doctor`.
 */
export interface Health {
  readonly ok: boolean;
}

/** Why something needs a person, by the reasons that the hourly round has noted last. */
export async function readHealth(
  account: Pick<AccountStore, 'readSigns'>,
  now: number,
): Promise<Health> {
  const signs = await account.readSigns();
  const lastRound = signs.get('round');
  // Too new to have had a round.
  if (lastRound === undefined) return { ok: true };
  const isRecent = now - lastRound.at < canaryMissedMs;
  return { ok: isRecent && lastRound.value === 0 };
}
