import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { sandboxDeadlineMs, threadOldSpaceMb, threadYoungSpaceMb } from '../../contract/limits.ts';
import { inputs } from './input.ts';
import { type Search, type SearchOptions, tell, tellInput } from './search.ts';

// An input asks the guest four times at most, and the careful pass asks it again for each poison.
const maxStuckMs = 12 * sandboxDeadlineMs;

export interface FuzzResult {
  readonly isGood: boolean;
  readonly text: string;
}

// fast-check, and the sources whose types Node takes out as it loads them.
const searchOldSpaceMb = 192;

/** Runs a search in a thread of its own; ends it when it hangs or grows. */
export async function fuzz(
  options: SearchOptions,
  onProgress?: (done: number) => void,
): Promise<FuzzResult> {
  const progress = new SharedArrayBuffer(4);
  const place = new Int32Array(progress);
  const worker = new Worker(new URL('programs/search.ts', import.meta.url), {
    workerData: { options, progress },
    // As piscina is told to start the sender thread, and room for the search itself.
    resourceLimits: {
      maxOldGenerationSizeMb: threadOldSpaceMb + searchOldSpaceMb,
      maxYoungGenerationSizeMb: threadYoungSpaceMb,
    },
  });
  const watch = watchPlace(worker, place, onProgress);
  try {
    const message: Promise<unknown[]> = once(worker, 'message');
    const [found] = await Promise.race([message, once(worker, 'exit')]);
    const isOver = typeof found === 'object';
    if (!isOver) return { isGood: false, text: `hangs\n${inputAt(options, place)}` };
    const result = found as Search;
    return { isGood: result.bad === undefined, text: tell(result) };
  } catch (error) {
    return { isGood: false, text: `${String(error)}\n${inputAt(options, place)}` };
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

/** Ends a thread that stays at one place for too long. */
function watchPlace(
  worker: Worker,
  place: Int32Array,
  onProgress?: (done: number) => void,
): NodeJS.Timeout {
  let last = -1;
  let since = performance.now();
  return setInterval(() => {
    const now = Atomics.load(place, 0);
    if (now !== last) since = performance.now();
    last = now;
    onProgress?.(now);
    if (performance.now() - since > maxStuckMs) void worker.terminate();
  }, 1_000);
}

/** The input that a search had come to: made again, as the thread can say nothing any more. */
function inputAt({ seed, walledOfThousand }: SearchOptions, place: Int32Array): string {
  const path = String(Atomics.load(place, 0));
  const [input] = fc.sample(inputs(walledOfThousand), { seed, path, numRuns: 1 });
  return input === undefined ? `at ${path}` : tellInput(path, input, seed);
}
