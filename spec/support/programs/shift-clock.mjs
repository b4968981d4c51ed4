// A preload: the clock of a process that has it, and of the Node processes it starts, is ahead by
// CLOCK_SHIFT_MS. Only tests have a use for it; there is no hook in product code.
const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
const RealDate = globalThis.Date;

// @ts-expect-error Called without `new`, it would not give a text; nothing here does that.
globalThis.Date = class extends RealDate {
  /** @param {[] | [number]} args */
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + shiftMs] : args));
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
