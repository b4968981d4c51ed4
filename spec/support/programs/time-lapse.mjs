// A preload: in the process that has it, and in nothing it starts, it is noon, TIME_LAPSE days pass
// in the time of one, and what waits for TIME_LAPSE_FROM_MS or longer waits as much less. What is
// quicker, a program outside could notice, and it takes its time.
const factor = Number(process.env['TIME_LAPSE'] ?? 1);
const fromMs = Number(process.env['TIME_LAPSE_FROM_MS'] ?? 60_000);
const RealDate = globalThis.Date;
const dayMs = 86_400_000;
const start = RealDate.now();
const noon = (Math.floor(start / dayMs) + 0.5) * dayMs;
const now = () => Math.floor(noon + (RealDate.now() - start) * factor);

// @ts-expect-error Called without `new`, it would not give a text; nothing here does that.
globalThis.Date = class extends RealDate {
  /** @param {[] | [number]} args */
  constructor(...args) {
    super(...(args.length === 0 ? [now()] : args));
  }

  static now() {
    return now();
  }
};

const lapsed = (/** @type {number | undefined} */ ms) =>
  ms !== undefined && ms >= fromMs ? ms / factor : ms;
const { setTimeout: realTimeout, setInterval: realInterval } = globalThis;
// @ts-expect-error Without the promisified form, which nothing here uses.
globalThis.setTimeout = (run, ms, ...args) => realTimeout(run, lapsed(ms), ...args);
// @ts-expect-error As above.
globalThis.setInterval = (run, ms, ...args) => realInterval(run, lapsed(ms), ...args);
