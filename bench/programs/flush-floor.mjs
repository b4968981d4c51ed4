// The least that a flush in a thread can cost: a thread that posts once.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { watchProcess } from './watch-process.cjs';

await watchProcess(() => once(new Worker(new URL('post-once.mjs', import.meta.url)), 'exit'));
