// What a piece of work costs this process; prints `FlushFigures` as JSON. What it keeps is looked at
// when the process has rested for so long.
const { readFileSync, writeFileSync } = require('node:fs');
const { performance } = require('node:perf_hooks');

/** @type {(work: () => Promise<unknown>, restMs?: number) => Promise<void>} */
exports.watchProcess = async (work, restMs = 0) => {
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
  const before = readMemory();
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
  const after = readMemory();
  clearInterval(ticker);
  if (restMs > 0) {
    await new Promise((resolve) => {
      setTimeout(resolve, restMs);
    });
  }
  const rested = readMemory();

  const mainCpuMs = (main.user + main.system) / 1_000;
  const figures = {
    result,
    startedAt,
    wallMs: endedAt - startedAt,
    longestBlockMs,
    mainCpuMs,
    otherCpuMs: (all.user + all.system) / 1_000 - mainCpuMs,
    // Of files, as many pages are taken off as there are at the end: at the peak there were some less.
    addedPrivateMb: Math.max(0, after.peak - after.files - (before.all - before.files)) / 1e6,
    keptMb: (rested.all - rested.files - (before.all - before.files)) / 1e6,
  };
  process.stdout.write(JSON.stringify(figures), () => process.exit(0));
};

// On Linux, `maxRSS` begins with the peak of the process that started this one.
function forgetPeak() {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}

/** Bytes: resident now, at the peak, and of that pages of files, which only Linux tells. */
function readMemory() {
  if (process.platform !== 'linux') {
    const peak = process.resourceUsage().maxRSS * 1024;
    return { all: process.memoryUsage.rss(), peak, files: 0 };
  }
  const status = readFileSync('/proc/self/status', 'utf8');
  const read = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { all: read('VmRSS'), peak: read('VmHWM'), files: read('RssFile') };
}
