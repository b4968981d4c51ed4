/**
 * Values that a host hands over. A host may be plain JavaScript, and hands on what strangers sent it: a
 * getter may throw, a proxy say something else each time, a number be none. Nothing here throws.
 */

// What timers can hold: beyond it they fire at once.
const maxTimerMs = 2 ** 31 - 1;

// Of dates that can be formatted: 9999-12-31.
const maxTime = 253_402_300_799_999;

/** Runs it; undefined when it throws. */
export function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    // The host's own, from inside a value of its own: it must not come back to it through us.
    return undefined;
  }
}

/** A time in milliseconds that a timer can hold; undefined for what is no number. */
export function readDuration(value: unknown): number | undefined {
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
  return Math.min(maxTimerMs, Math.max(0, value));
}

/** The host's clock, or the system's where that gives no time. */
export function clockOf(now: () => unknown): () => number {
  return () => {
    const time = attempt(now);
    return typeof time === 'number' && time >= 0 && time <= maxTime ? time : Date.now();
  };
}
