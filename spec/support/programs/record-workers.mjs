// A preload: writes the script of a process into the file that WORKERS_LOG names whenever that
// process starts a worker thread.
import { appendFileSync } from 'node:fs';

const log = process.env['WORKERS_LOG'];
if (log !== undefined) {
  process.on('worker', () => {
    appendFileSync(log, `${process.argv[1]}\n`);
  });
}
