// What asks a process to stop. A console's keys reach every process on Windows, whatever we do.
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * From here to its release, a wish to stop waits: what has begun is a matter of a fraction of a
 * second, and half of it is worse than either. Whoever asks twice is obeyed.
 */
export class SignalHold {
  #asked = 0;
  #insist: (signal: NodeJS.Signals) => void = () => undefined;

  constructor() {
    for (const signal of signals) process.on(signal, this.#hold);
  }

  /** Somebody wanted to stop it. */
  get wasAsked(): boolean {
    return this.#asked > 0;
  }

  /** What to do when somebody asks again. */
  onInsist(listener: (signal: NodeJS.Signals) => void): void {
    this.#insist = listener;
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.removeListener(signal, this.#hold);
  }

  readonly #hold = (signal: NodeJS.Signals): void => {
    this.#asked += 1;
    if (this.#asked > 1) this.#insist(signal);
  };
}
