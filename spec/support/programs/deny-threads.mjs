// A preload: no thread can be started.
import threads from 'node:worker_threads';

// @ts-expect-error Nothing but a constructor that throws.
threads.Worker = function Worker() {
  throw Object.assign(new Error('no threads here'), { code: 'ERR_WORKER_INIT_FAILED' });
};
