// For preloads: a thread of ours is started without the flags of its process, so without its preloads.
import threads from 'node:worker_threads';

/**
 * Has the threads of this process load a preload as well.
 * @param {string} url
 */
export function intoThreads(url) {
  threads.Worker = class extends threads.Worker {
    /**
     * @param {string | URL} file
     * @param {threads.WorkerOptions} options
     */
    constructor(file, options) {
      super(file, { ...options, execArgv: [...(options.execArgv ?? []), `--import=${url}`] });
    }
  };
}
