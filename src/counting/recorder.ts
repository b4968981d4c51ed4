import files from 'node:fs';
import { type Consent, isTurnedOff } from '../../contract/consent.ts';
import { clearSpool } from '../../contract/clear-spool.ts';
import { type DayNumber, dayOf } from '../../contract/day.ts';
import { isAgreed } from '../../contract/data-version.ts';
import {
  consentMaxAgeMs,
  persistIdleMs,
  persistIntervalMs,
  rollUpBufferBytes,
} from '../../contract/limits.ts';
import type { CounterKind, EventName } from '../../contract/report/lists.ts';
import type { ConsentWatch } from '../consent/watch.ts';
import { type Client, Counters } from './counters.ts';
import { appendFrames } from './exit-append.ts';
import { hookExit } from './exit-hooks.ts';
import { type LifecycleFacts, type LifecycleName, toFrameEvent } from './lifecycle.ts';

/**
 * Counts in memory and appends to the buffer: when the process ends, when it has counted nothing for a
 * few seconds, every half minute while it counts, and when asked. While consent is off it counts
 * nothing, writes nothing and hooks nothing.
 */
export class Recorder {
  readonly #watch: ConsentWatch;
  readonly #now: () => number;
  readonly #whenLarge: () => void;
  #counters: Counters;
  /** Days that ended while this process ran, and are not on disk yet. */
  #finished: Counters[] = [];
  #isCounting: boolean;
  /** The generation that the counts in memory belong to. */
  #generation: number;
  /** Whether day and consent were looked at within the last second. A timer ends it, so that the
   * counting path asks no clock. */
  #isFresh = false;
  #unhook: (() => void) | undefined;
  /** Ticks once a second while something is in memory. */
  #ticker: NodeJS.Timeout | undefined;
  #ticksSinceCount = 0;
  #ticksSincePersist = 0;
  #isLarge = false;

  /** Calls `whenLarge` when a write on a timer has found the buffer grown large, once each time. */
  constructor(watch: ConsentWatch, now: () => number, whenLarge: () => void) {
    this.#watch = watch;
    this.#now = now;
    this.#whenLarge = whenLarge;
    this.#isCounting = watch.consent.mode !== 'off';
    this.#generation = watch.consent.generation;
    this.#counters = new Counters(this.#today());
  }

  count(kind: CounterKind, name: string, isError: boolean, client: Client | undefined): void {
    if (!this.#isFresh) this.#refresh();
    if (this.#mayRecord(kind)) this.#counters.add(kind, name, isError, client);
  }

  record<Name extends LifecycleName>(name: Name, facts: LifecycleFacts[Name]): void {
    if (!this.#isFresh) this.#refresh();
    if (!this.#mayRecord(name)) return;
    try {
      const event = toFrameEvent(name, facts);
      if (event !== undefined) this.#counters.addEvent(event);
    } catch {
      // Facts of another shape than the types ask for: no event, and no exception for the host.
    }
  }

  drop(): void {
    if (!this.#isFresh) this.#refresh();
    if (this.#isCounting) this.#counters.drop();
  }

  /** For a choice that this process has made: the next count goes by it, and not a second later. */
  lookAgain(): void {
    this.#isFresh = false;
  }

  /** Appends what was counted. Never throws: what finds no place stays in memory for a next time. */
  persist(): void {
    try {
      this.#persist();
    } catch {
      // A full disk, a home that is not ours. The host's output and exit code must stay the same.
    }
  }

  /** Persists and lets go of the process. Counting again begins anew. */
  close(): void {
    this.persist();
    this.#unhook?.();
    this.#unhook = undefined;
    this.#stopTicker();
  }

  /** Consent, and an answer that covers what it is about. Nearly always the first look decides. */
  #mayRecord(name: CounterKind | EventName): boolean {
    if (!this.#isCounting) return false;
    const { agreedTo } = this.#watch.consent;
    return agreedTo === undefined || isAgreed(name, agreedTo);
  }

  #persist(): void {
    this.#isLarge = false;
    const days = [...this.#finished, this.#counters].filter((counters) => !counters.isEmpty);
    if (days.length === 0) return;
    if (!this.#mayKeep(this.#watch.look())) {
      this.#drop();
      return;
    }
    const { dataDir } = this.#watch.paths;
    const bufferBytes = appendFrames(
      dataDir,
      days.map((counters) => counters.toFrame()),
    );
    this.#isLarge = bufferBytes >= rollUpBufferBytes;
    const written = this.#generation;
    this.#drop();
    // `off` may have come between the look and the write, and even an `on` behind it: then `off` did
    // not see this frame.
    const consent = this.#watch.glance();
    const isAfterOff = consent.mode !== 'off' && consent.generation > written;
    if (isTurnedOff(consent) || isAfterOff) clearSpool(dataDir, files);
  }

  /** Whether what is in memory may still be written: an `off` in between ends it, also after an `on`. */
  #mayKeep({ mode, generation }: Consent): boolean {
    const isSame = generation === this.#generation;
    this.#generation = generation;
    return mode !== 'off' && isSame;
  }

  #drop(): void {
    this.#finished = [];
    this.#counters = new Counters(this.#today());
  }

  /** Once a second at the most: consent, day, and the hooks that a first count needs. */
  #refresh(): void {
    this.#isFresh = true;
    this.#ticksSinceCount = 0;
    this.#ticker ??= setInterval(() => {
      this.#tick();
    }, consentMaxAgeMs).unref();
    // While off, nothing is ever written, so that nothing else would see a policy go.
    const consent = this.#isCounting ? this.#watch.glance() : this.#watch.look();
    if (!this.#mayKeep(consent)) this.#drop();
    this.#isCounting = consent.mode !== 'off';
    if (!this.#isCounting) return;
    this.#turnDay();
    this.#unhook ??= hookExit({
      onEnd: () => {
        this.#persistAndUnhook();
      },
      onSignal: () => {
        this.#persistAndUnhook();
      },
    });
  }

  /** A second has passed. Each one with a count puts the write off, for half a minute at most. */
  #tick(): void {
    this.#isFresh = false;
    this.#ticksSinceCount += 1;
    this.#ticksSincePersist += 1;
    const isIdle = this.#ticksSinceCount * consentMaxAgeMs >= persistIdleMs;
    const isDue = this.#ticksSincePersist * consentMaxAgeMs >= persistIntervalMs;
    if (isIdle || isDue) this.#persistOnTick();
  }

  #persistOnTick(): void {
    this.#stopTicker();
    const wasLarge = this.#isLarge;
    this.persist();
    if (this.#isLarge && !wasLarge) this.#whenLarge();
  }

  /** The next count needs it again, and only a look starts it. */
  #stopTicker(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#ticksSincePersist = 0;
    this.#isFresh = false;
  }

  /**
   * A signal does not end every process: not the first one of a container, nor a host that handles
   * it. The next count hooks again.
   */
  #persistAndUnhook(): void {
    this.persist();
    this.#unhook?.();
    this.#unhook = undefined;
    this.#isFresh = false;
  }

  #turnDay(): void {
    if (this.#counters.day === this.#today()) return;
    if (!this.#counters.isEmpty) this.#finished.push(this.#counters);
    this.#counters = new Counters(this.#today());
  }

  #today(): DayNumber {
    return dayOf(this.#now());
  }
}
