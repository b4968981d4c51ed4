import { measureDoorCpu } from './door-cpu.ts';

/** `npm run ingest:cpu`: what a request costs the front door. Linux only. */
const measured = await measureDoorCpu({ warmUpRequests: 1_000, requests: 500, rounds: 9 });
console.log('milliseconds of processor time for a request: least, and median of 9 rounds');
for (const { what, cpuMs } of measured) {
  const [least = 0] = cpuMs;
  const median = cpuMs[Math.floor(cpuMs.length / 2)] ?? 0;
  console.log(`${what.padEnd(10)} ${least.toFixed(2)} ${median.toFixed(2)}`);
}
