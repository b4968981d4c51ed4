import { dayOf } from '../../spec/contract/day.ts';
import { checkCanary, writeCanary } from './canary.ts';
import { closeDays } from './daily-round.ts';
import type { IngestEnv } from './env.ts';
import { forward } from './forward.ts';
import { answer } from './front-door.ts';
import { readHealth } from './health.ts';
import { ingest } from './ingest.ts';
import { openLedgerStore } from './ledger-store.ts';
import { viewRequest } from './request-view.ts';
import { budgetOf, isWithin, openForward, openIngest } from './services.ts';
import { Tally } from './tally.ts';

// What this isolate counted since its last message. It lives and dies with the isolate.
const tally = new Tally();

/** The ingest: steps 9 and 10 of the trip of one count, and the daily round. */
export default {
  fetch: (request, env) =>
    answer(viewRequest(request), {
      openIngest: () => openIngest(env, tally),
      isHealthOpen: () => isWithin(env.BREAKER, 'health'),
      readHealth: () => {
        const now = Date.now();
        const ledger = openLedgerStore(env.DB);
        return readHealth({ ledger, budget: budgetOf(env), today: dayOf(now), now });
      },
    }),

  async queue(batch, env) {
    await forward(batch.messages, await openForward(env, batch.queue));
  },

  async scheduled(_controller, env) {
    const services = await openIngest(env, tally);
    const ledger = openLedgerStore(env.DB);
    await closeDays(env.DB, services.today);
    await checkCanary(ledger, services.today);
    // Noted here and not in the message that may be lost with it.
    await ledger.add(Date.now(), 0, { canary_sent: 1 });
    await ingest(await writeCanary(services.today, services.ids), services);
  },
} satisfies ExportedHandler<IngestEnv>;
