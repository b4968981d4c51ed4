import { dayOf } from '../../../contract/day.ts';
import { openAccountStore, type AccountStore } from '../forward/account-store.ts';
import type { KeyedIds } from '../forward/keyed-ids.ts';
import { askForKey } from '../forward/posthog-key.ts';
import { ingest } from '../ingest/ingest.ts';
import { sendTimeoutMs } from '../limits.ts';
import { logReason } from '../log.ts';
import { openIngest, sinksOf, type IngestEnv, type Isolate } from '../services.ts';
import { publishClosed } from '../statistics/publish-round.ts';
import { demoRules, publicRules } from '../statistics/rules.ts';
import { isDefect, tell, type Alarm } from './alerts.ts';
import { postOfCanary, writeCanary } from './canary.ts';
import { deleteOld } from './delete-old.ts';
import { examine } from './examine.ts';
import { find } from './find.ts';

/**
 * What happens once an hour. The canary goes first, then the alarms: nothing that fails after them can
 * keep them back.
 */
export async function runRound(
  env: IngestEnv,
  isolate: Isolate,
  defer: (work: Promise<void>) => void,
): Promise<void> {
  const now = Date.now();
  const today = dayOf(now);
  const account = openAccountStore(env.DB);
  const services = await openIngest(env, isolate, defer);
  await noteCanary(account, now);
  await ingest(postOfCanary(await writeCanary(now, 'inside', services.ids)), services);
  if (env.PUBLIC_URL !== '') await sendOverNetwork(env.PUBLIC_URL, now, services.ids);
  const alarms = await lookForTrouble(env, account, now);
  await tell(alarms, { account, url: env.ALERT_URL ?? '', now });
  await account.sign('round', now, alarms.filter(isDefect).length);
  const rules = env.PUBLIC_STATS === 'demo' ? demoRules : publicRules;
  if (env.PUBLIC_STATS !== 'off') await publishClosed({ db: env.DB, account, today, rules });
  await deleteOld(env.DB, today);
}

/** Noted here and not in the message that may be lost with it. */
async function noteCanary(account: AccountStore, now: number): Promise<void> {
  try {
    const first = (await account.readSigns()).get('canary_sent')?.value ?? now;
    await account.sign('canary_sent', now, first);
    await account.add(now, { canary_sent: 1 });
  } catch {
    logReason('store_unavailable');
  }
}

/** By the public address, as a client would. What becomes of it, the consumer notes. */
async function sendOverNetwork(address: string, now: number, ids: KeyedIds): Promise<void> {
  try {
    const response = await fetch(`${address}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await writeCanary(now, 'network', ids),
      redirect: 'manual',
      signal: AbortSignal.timeout(sendTimeoutMs),
    });
    await response.body?.cancel();
    if (response.status !== 204) logReason('canary_refused');
  } catch {
    logReason('canary_refused');
  }
}

async function lookForTrouble(
  env: IngestEnv,
  account: AccountStore,
  now: number,
): Promise<readonly Alarm[]> {
  const key = env.POSTHOG_KEY ?? '';
  const keyStatus =
    sinksOf(env).has('posthog') && key !== ''
      ? await askForKey({ host: env.POSTHOG_HOST, key })
      : 0;
  const hasPublicAddress = env.PUBLIC_URL !== '';
  try {
    return examine(await find({ db: env.DB, account, now, keyStatus, hasPublicAddress }));
  } catch {
    const text = 'The database does not answer. Messages wait in the queue.';
    return [{ reason: 'store_failed', text, count: 1 }];
  }
}
