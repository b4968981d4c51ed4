import type { Fault, StandInEvent } from './posthog-stand-in.ts';

/** What a sink does wrong beside refusing bad events. Times count from the first request. */
export interface Faults {
  /** It is away between these two. */
  readonly awayFromMs: number;
  readonly awayUntilMs: number;
  /** One request in so many gets no answer; 0: none. Each holds the consumer for ten seconds. */
  readonly stallEvery: number;
}

/** How a stand-in for PostHog answers in a load run. */
export interface FaultySink {
  readonly fail: (events: readonly StandInEvent[]) => Fault | undefined;
  /** Requests that it got so far. */
  readonly countSends: () => number;
}

// A prime, so that the bad ones come at every place of a report.
const badEvery = 1_009;

/** Whether the sink refuses an event, now and always. */
export function isBad(number: number): boolean {
  return number % badEvery === 0;
}

const failures: readonly Fault[] = [503, 500, 'hang_up', 429, 408];

/** Without faults it only refuses bad events. */
export function openFaultySink(faults?: Faults): FaultySink {
  let sends = 0;
  let firstAt: number | undefined;
  return {
    countSends: () => sends,
    fail: (events) => {
      sends += 1;
      firstAt ??= performance.now();
      const hasBad = events.some(({ properties }) => isBad(Number(properties['count'])));
      if (faults !== undefined) {
        const { awayFromMs, awayUntilMs, stallEvery } = faults;
        const elapsed = performance.now() - firstAt;
        if (elapsed > awayFromMs && elapsed < awayUntilMs) return 'hang_up';
        if (stallEvery > 0 && sends % stallEvery === 0) return 'stall';
        if (sends % 3 === 0) return failures[(sends / 3) % failures.length];
        // Taken, and nobody is told: all of it will come once more.
        if (sends % 9 === 1 && !hasBad) return 'lose_answer';
      }
      return hasBad ? 400 : undefined;
    },
  };
}
