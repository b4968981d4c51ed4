import { openAccountStore } from './account-store.ts';
import { checkCanary, writeCanary } from './canary.ts';
import { closeDays } from './daily-round.ts';
import { forward } from './forward.ts';
import { answer } from './front-door.ts';
import { ingest } from './ingest.ts';
import { viewRequest } from './request-view.ts';
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
