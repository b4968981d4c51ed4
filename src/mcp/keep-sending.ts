import { firstFlushMs, flushIntervalMs } from '../../contract/limits.ts';
import type { Telemetry } from '../telemetry.ts';

// Below it somebody has meant seconds.
const minEveryMs = 1_000;

// What timers can hold: beyond it they fire at once, and again at once.
const maxDelayMs = 2 ** 31 - 1;

export interface SendingPace {
  /** Milliseconds from one flush to the next; six hours unless given. */
  readonly everyMs?: number;
  /** Milliseconds to the first flush; five seconds unless given. */
  readonly firstMs?: number;
}

/**
 * For a server: sends what earlier days have left, soon after its start and then a few times a day.
 * Keeps no process alive and holds up nothing; a flush with nothing to send starts no thread. The
 * interval ends with `telemetry.close()`.
 *
 * @example
 * const telemetry = openTelemetry({ version: '1.6.1' });
 * keepSending(telemetry);
 * await server.connect(countToolCalls(new StdioServerTransport(), telemetry));
 *
 * @throws RangeError when a pace is no time that a timer can wait, or `everyMs` under a second.
 */
export function keepSending(
  telemetry: Pick<Telemetry, 'flush' | 'flushEvery'>,
  { everyMs = flushIntervalMs, firstMs = firstFlushMs }: SendingPace = {},
): void {
  checkDelay('everyMs', everyMs, minEveryMs);
  checkDelay('firstMs', firstMs, 0);
  setTimeout(() => void telemetry.flush(), firstMs).unref();
  telemetry.flushEvery(everyMs);
}

function checkDelay(name: string, ms: number, minMs: number): void {
  if (ms >= minMs && ms <= maxDelayMs) return;
  throw new RangeError(
    `keepSending: expected ${name} to be ${minMs} to ${maxDelayMs} milliseconds, got ${String(ms)}`,
  );
}
