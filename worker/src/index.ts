import { openAccountStore } from './forward/account-store.ts';
import { checkCanary, writeCanary } from './daily/canary.ts';
import { closeDays } from './daily/round.ts';
import { forward } from './forward/forward.ts';
import { answer } from './ingest/front-door.ts';
import { ingest } from './ingest/ingest.ts';
import { viewRequest } from './ingest/request-view.ts';
import { Isolate, openForward, openIngest, type IngestEnv } from './services.ts';

const isolate = new Isolate();

/** The ingest: steps 9 and 10 of the trip of one count, and the daily round. */
export default {
  fetch: (request, env) =>
    answer(viewRequest(request), {
      openIngest: () => openIngest(env, isolate),
      readHealth: () => isolate.readHealth(env),
    }),

  async queue(batch, env) {
    await forward(batch.messages, await openForward(env, isolate, batch.queue));
  },

  async scheduled(_controller, env) {
    const services = await openIngest(env, isolate);
    const account = openAccountStore(env.DB);
    await closeDays(env.DB, services.today);
    await checkCanary(account, services.today);
    // Noted here and not in the message that may be lost with it.
    await account.add(Date.now(), 0, { canary_sent: 1 });
    await ingest(await writeCanary(services.today, services.ids), services);
  },
} satisfies ExportedHandler<IngestEnv>;
