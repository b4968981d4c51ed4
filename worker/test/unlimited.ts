import worker from '../src/index.ts';

/**
 * The ingest without its limiters, whose emulators take more time than all the rest. For load
 * runs; the limiters have tests of their own.
 */
const open = { limit: async () => ({ success: true }) };

type FetchArguments = Parameters<typeof worker.fetch>;

export default {
  ...worker,
  fetch: (...[request, env, context]: FetchArguments): Promise<Response> =>
    worker.fetch(request, { ...env, BREAKER: open, BAD_BODIES: open, PER_MACHINE: open }, context),
};
