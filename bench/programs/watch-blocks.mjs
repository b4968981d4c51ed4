// A preload: notes when the thread of a process could not turn to anything for five milliseconds
// or more, as lines of `<epoch ms of the end> <ms> <ms of it on the CPU>` in the file BLOCKS_LOG.
import { appendFileSync } from 'node:fs';

const path = process.env['BLOCKS_LOG'];
const tickMs = 1;
let lastTick = performance.now();
let lastCpu = process.threadCpuUsage();
/** @type {string[]} */
const lines = [];
setInterval(() => {
  const now = performance.now();
  const cpu = process.threadCpuUsage(lastCpu);
  const blockMs = now - lastTick - tickMs;
  if (blockMs >= 5) lines.push(`${Date.now()} ${blockMs} ${(cpu.user + cpu.system) / 1_000}\n`);
  lastTick = performance.now();
  lastCpu = process.threadCpuUsage();
}, tickMs).unref();
process.on('exit', () => {
  if (path !== undefined) appendFileSync(path, lines.join(''));
});
