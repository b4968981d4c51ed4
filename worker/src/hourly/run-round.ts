import { dayOf } from '../../../contract/day.ts';
import { openAccountStore } from '../forward/account-store.ts';
import { ingest } from '../ingest/ingest.ts';
import { openIngest, type IngestEnv, type Isolate } from '../services.ts';
import { postOfCanary, writeCanary } from './canary.ts';
import { publishClosed } from '../statistics/publish-round.ts';
import { demoRules, publicRules } from '../statistics/rules.ts';
import { deleteOld } from './delete-old.ts';

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
  const today = dayOf(now);
  const rules = env.PUBLIC_STATS === 'demo' ? demoRules : publicRules;
  if (env.PUBLIC_STATS !== 'off') await publishClosed({ db: env.DB, account, today, rules });
  await deleteOld(env.DB, today);
}
