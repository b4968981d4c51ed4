import worker from '../src/index.ts';

/**
 * The ingest with a queue and limiters that cost nothing but the writing of the message: what is
 * left is the front door. For measuring, in a workerd that emulates nothing.
 */
const open = { limit: async () => ({ success: true }) };
const queue = {
  send: async (message: unknown) => {
    JSON.stringify(message);
  },
};

type FetchArguments = Parameters<typeof worker.fetch>;

let behind: FetchArguments[1] | undefined;

export default {
  fetch: (...[request, env, context]: FetchArguments): Promise<Response> => {
    // The cast hides what the door does not use of them.
    behind ??= {
      ...env,
      BREAKER: open,
      BAD_BODIES: open,
      PER_MACHINE: open,
      EVENTS: queue,
    } as unknown as typeof env;
    return worker.fetch(request, behind, context);
  },
};
