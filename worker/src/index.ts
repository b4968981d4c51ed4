import { forward } from './forward/forward.ts';
import { runRound } from './hourly/run-round.ts';
import { answer } from './ingest/front-door.ts';
import { viewRequest } from './ingest/request-view.ts';
import { Isolate, openForward, openIngest, type IngestEnv } from './services.ts';

const isolate = new Isolate();

/** The ingest: steps 9 and 10 of the trip of one count, the hourly round, and the statistics page. */
export default {
  fetch: (request, env, context) =>
    answer(viewRequest(request), {
      openIngest: () => openIngest(env, isolate, (work) => context.waitUntil(work)),
      readHealth: () => isolate.readHealth(env),
      readPage: (path) => isolate.readPage(path, env),
    }),

  async queue(batch, env) {
    await forward(batch.messages, await openForward(env, isolate, batch.queue));
  },

  async scheduled(_controller, env, context) {
    await runRound(env, isolate, (work) => context.waitUntil(work));
  },
} satisfies ExportedHandler<IngestEnv>;
