// Ten flushes of a process that goes on, a thread each; prints the megabytes of private memory that
// it has after the last and did not have after the first.
import { copyFileSync, readFileSync } from 'node:fs';

const [, , library = '', buffer = ''] = process.argv;
/** @type {typeof import('../../src/index.ts')} */
const { openTelemetry } = await import(library);
const telemetry = openTelemetry({ version: '1.6.1' });
const kept = `${buffer}.kept`;
copyFileSync(buffer, kept);

const afterFirst = await flushAndMeasure();
let afterLast = afterFirst;
for (let flush = 2; flush <= 10; flush++) {
  copyFileSync(kept, buffer);
  afterLast = await flushAndMeasure();
}
process.stdout.write(JSON.stringify(afterLast - afterFirst));

async function flushAndMeasure() {
  await telemetry.flush({ timeoutMs: 60_000 });
  if (process.platform !== 'linux') return process.memoryUsage.rss() / 1e6;
  const status = readFileSync('/proc/self/status', 'utf8');
  return (Number(/^RssAnon:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}
