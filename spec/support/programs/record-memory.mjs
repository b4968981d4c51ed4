// A preload: each process that has it leaves its highest resident memory, in KiB, in a file of its own
// in MEMORY_FOLDER. Worker threads are part of it.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('exit', () => {
    const { maxRSS } = process.resourceUsage();
    writeFileSync(`${process.env['MEMORY_FOLDER']}/${process.pid}`, String(maxRSS));
  });
}
