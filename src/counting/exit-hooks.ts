// Signals that end a process by default and that a terminal, a service manager or an agent sends.
const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

// A hook may count, and the first count hooks again. The second round is for that one.
const maxRounds = 2;

/** What is called at the end of a process. Must not throw. */
interface ExitHook {
  readonly onEnd?: (exitCode: number | undefined) => void;
  readonly onSignal?: () => void;
  readonly onIdle?: () => void;
}

// The bundles of this package share no module, and two copies of it may meet: one set of listeners
// serves all. The number belongs to the shape of the watch.
const key = Symbol.for('codegraph-telemetry.exit-watch.2');

/**
 * Calls `onEnd` when the process ends: with the exit code, or without one when a signal kills it.
 * Calls `onSignal` at a signal that handlers of the host take, and that may or may not kill it: from
 * then on that signal is not watched, until something hooks again. Calls `onIdle` each time that
 * nothing keeps the process any more. However many hooks there are, the process has one listener each.
 * Returns a function that takes the hook away.
 */
export function hookExit(hook: ExitHook): () => void {
  const shared = process as { [key]?: ExitWatch };
  const watch = (shared[key] ??= new ExitWatch());
  watch.add(hook);
  return () => {
    watch.remove(hook);
  };
}

/**
 * The listeners of all hooks. A library such as signal-exit passes a signal on only if no others
 * listen to it. So ours come first, and are gone before any other looks: the host dies, or lives,
 * as it does without us.
 */
class ExitWatch {
  readonly #hooks = new Set<ExitHook>();
  #hasTurned = false;
  /** The bound on listeners that we set; the host may have set another since. */
  #maxListeners = 0;
  #isListening = false;

  add(hook: ExitHook): void {
    if (this.#hooks.size === 0) this.#listen();
    this.#hooks.add(hook);
    for (const signal of signals) {
      if (!this.#isWatching(signal)) process.prependListener(signal, this.#onSignal);
    }
  }

  /**
   * A signal that has come, and of which Node has not told yet, is lost with its last listener: the
   * process would live on. Node tells of signals last in a turn of the event loop, so ours stay for two.
   */
  remove(hook: ExitHook): void {
    if (!this.#hooks.delete(hook) || this.#hooks.size > 0) return;
    const leave = (): void => {
      if (this.#hooks.size === 0) this.#unlisten();
    };
    setImmediate(() => setImmediate(leave).unref()).unref();
  }

  #isWatching(signal: NodeJS.Signals): boolean {
    return process.listeners(signal).includes(this.#onSignal);
  }

  #listen(): void {
    this.#hasTurned = false;
    if (this.#isListening) return;
    this.#isListening = true;
    // Beside ten of the host's, ours would make Node warn on the host's stderr. 0 is no bound.
    const max = process.getMaxListeners();
    this.#maxListeners = max === 0 ? 0 : max + 1;
    process.setMaxListeners(this.#maxListeners);
    process.prependListener('exit', this.#onExit);
    process.prependListener('beforeExit', this.#onBeforeExit);
    process.on('newListener', this.#onNewListener);
  }

  #unlisten(): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    process.removeListener('exit', this.#onExit);
    process.removeListener('beforeExit', this.#onBeforeExit);
    process.removeListener('newListener', this.#onNewListener);
    for (const signal of signals) process.removeListener(signal, this.#onSignal);
    const isOurs = this.#maxListeners > 0 && process.getMaxListeners() === this.#maxListeners;
    if (isOurs) process.setMaxListeners(this.#maxListeners - 1);
  }

  readonly #onExit = (exitCode: number): void => {
    this.#end(exitCode);
  };

  /** Without a number, the signal is one that the host emits itself: nothing dies of that. */
  readonly #onSignal = (signal: NodeJS.Signals, signalNumber?: number): void => {
    const others = process.listenerCount(signal) - 1;
    const isAlone = others === 0 && signalNumber !== undefined;
    if (isAlone || (others > 0 && others === countSignalExits())) this.#end(undefined);
    else for (const { onSignal } of this.#youngestFirst()) onSignal?.();
    // Not before: the same signal often comes twice at once, from a terminal and from npm.
    process.removeListener(signal, this.#onSignal);
    if (isAlone) process.kill(process.pid, sendable(signal));
  };

  /**
   * A host may send itself a signal as its last act. Without a listener it would die of that; with ours
   * the signal needs one more turn of the event loop. A listener of the host's to `beforeExit` would be
   * called twice for that, unless it is one that goes by itself.
   */
  readonly #onBeforeExit = (): void => {
    const isFree = process
      .rawListeners('beforeExit')
      .every((listener) => listener === this.#onBeforeExit || 'listener' in listener);
    if (isFree && !this.#hasTurned) setImmediate(() => undefined);
    this.#hasTurned = true;
    for (const { onIdle } of this.#youngestFirst()) onIdle?.();
  };

  #end(exitCode: number | undefined): void {
    for (let round = 0; round < maxRounds; round++) {
      const hooks = this.#youngestFirst();
      this.#hooks.clear();
      for (const { onEnd } of hooks) onEnd?.(exitCode);
    }
    this.#hooks.clear();
    this.#unlisten();
  }

  #youngestFirst(): readonly ExitHook[] {
    return [...this.#hooks].toReversed();
  }

  /** A listener that is put before ours would still see ours: then ours goes to the front again. */
  readonly #onNewListener = (event: string | symbol, listener: unknown): void => {
    const signal = signals.find((name) => name === event);
    if (signal === undefined || listener === this.#onSignal) return;
    // It is added after this, and no signal comes in between.
    queueMicrotask(() => {
      if (process.listeners(signal).indexOf(this.#onSignal) < 1) return;
      process.removeListener(signal, this.#onSignal);
      process.prependListener(signal, this.#onSignal);
    });
  };
}

/**
 * How many of a signal's listeners are those of signal-exit, versions 3 and 4, by its own tally. If
 * there are no others, it kills the process.
 */
function countSignalExits(): number {
  const tallies: readonly unknown[] = [
    Reflect.get(process, '__signal_exit_emitter__'),
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
  ];
  const counts = tallies.map((tally) => (tally as { count?: number } | undefined)?.count ?? 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Windows tells of a closed console as SIGHUP, which cannot be sent there. */
export function sendable(
  signal: NodeJS.Signals,
  platform: NodeJS.Platform = process.platform,
): NodeJS.Signals {
  return platform === 'win32' && signal === 'SIGHUP' ? 'SIGINT' : signal;
}
