// What a piece of work costs this process; prints `FlushFigures` as JSON.
const { readFileSync, writeFileSync } = require('node:fs');
const { performance } = require('node:perf_hooks');

/** @type {(work: () => Promise<unknown>) => Promise<void>} */
exports.watchProcess = async (work) => {
  const tickMs = 1;
  let longestBlockMs = 0;
  let lastTick = performance.now();
  const ticker = setInterval(() => {
    const now = performance.now();
    longestBlockMs = Math.max(longestBlockMs, now - lastTick - tickMs);
    lastTick = now;
  }, tickMs);
  // The ticker finds its pace before the work begins.
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });

  forgetPeak();
  const rss = process.memoryUsage.rss();
  const allCpu = process.cpuUsage();
  const mainCpu = process.threadCpuUsage();
  longestBlockMs = 0;
  lastTick = performance.now();
  const startedAt = Number(process.hrtime.bigint()) / 1e6;
  const result = await work();
  const endedAt = Number(process.hrtime.bigint()) / 1e6;
  longestBlockMs = Math.max(longestBlockMs, performance.now() - lastTick - tickMs);
  const main = process.threadCpuUsage(mainCpu);
  const all = process.cpuUsage(allCpu);
  const peakRss = readPeak();
  clearInterval(ticker);

  const mainCpuMs = (main.user + main.system) / 1_000;
  const figures = {
    result,
    startedAt,
    wallMs: endedAt - startedAt,
    longestBlockMs,
    mainCpuMs,
    otherCpuMs: (all.user + all.system) / 1_000 - mainCpuMs,
    addedPeakMb: Math.max(0, peakRss - rss) / 1e6,
  };
  process.stdout.write(JSON.stringify(figures), () => process.exit(0));
};

// On Linux, `maxRSS` begins with the peak of the process that started this one.
function forgetPeak() {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}

function readPeak() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] =
    /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
