import worker from '../src/index.ts';

/**
 * The ingest without its two limiters, whose emulators take more time than all the rest. For load
 * runs; the limiters have tests of their own.
 */
const open = { limit: async () => ({ success: true }) };

type FetchArguments = Parameters<typeof worker.fetch>;

export default {
  ...worker,
  fetch: (request: FetchArguments[0], env: FetchArguments[1]): Promise<Response> =>
    worker.fetch(request, { ...env, BREAKER: open, PER_MACHINE: open }),
};
