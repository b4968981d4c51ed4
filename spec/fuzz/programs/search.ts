/**
 * A search in a thread with the memory of the sender thread, so that growth ends it. Says where it
 * is, in shared memory, so that whoever has started it sees when it is stuck.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openGuest, walledGuest } from '../guests.ts';
import { search, type SearchOptions } from '../search.ts';

const { options, progress } = workerData as {
  readonly options: SearchOptions;
  readonly progress: SharedArrayBuffer;
};
const place = new Int32Array(progress);
const guests = { open: openGuest, walled: await walledGuest() };
const found = await search(guests, {
  ...options,
  onInput: (number) => {
    Atomics.store(place, 0, number);
  },
});
parentPort?.postMessage(found, []);
