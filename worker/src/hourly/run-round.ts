import { dayOf } from '../../../contract/day.ts';
import { openAccountStore } from '../forward/account-store.ts';
import { ingest } from '../ingest/ingest.ts';
import { openIngest, type IngestEnv, type Isolate } from '../services.ts';
import { postOfCanary, writeCanary } from './canary.ts';
import { deleteOld } from './round.ts';

/** What happens once an hour. The canary goes first: nothing that fails after it can keep it back. */
export async function runRound(
  env: IngestEnv,
  isolate: Isolate,
  defer: (work: Promise<void>) => void,
): Promise<void> {
  const now = Date.now();
  const account = openAccountStore(env.DB);
  const services = await openIngest(env, isolate, defer);
  // Noted here and not in the message that may be lost with it.
  await account.sign('canary_sent', now);
  await ingest(postOfCanary(await writeCanary(now, 'inside', services.ids)), services);
  await deleteOld(env.DB, dayOf(now));
}
