import { EventEmitter } from 'node:events';
import { Random } from './random.ts';

/** Thrown into code that is to go no further; from then on every system call of it throws this. */
export const suspension = new Error('suspended');

type Entry =
  | { readonly what: string; readonly result: unknown }
  | { readonly what: string; readonly error: unknown }
  | { readonly what: string; readonly resolved: number; readonly value: unknown };

interface Arrival {
  readonly wait: number;
  readonly value: unknown;
}

interface Timer {
  dueMs: number;
  readonly callback: (...args: unknown[]) => void;
  readonly args: readonly unknown[];
}

/**
 * Who has to do with a call: a `private` one is of something that nobody else can change or see, and
 * no place to stop; a `change` may be what others see next.
 */
export type Reach = 'private' | 'change';

/** How far an actor goes: so many calls, or up to the change or the call by this name behind so many. */
export interface Limit {
  readonly count: number;
  readonly of: 'calls' | 'changes' | 'POST' | 'rename' | 'unlink' | 'write';
}

/** What an actor's calls do to the world, and what the world has to say to them. */
export interface ActorHost {
  /** Sees each call when it is made for the first time; may throw to make it fail. */
  beforeCall(actor: Actor, what: string): void;
  afterCall(actor: Actor, what: string, outcome: string): void;
}

/**
 * A thread that runs our real, synchronous code one system call at a time. It can be stopped before
 * any call although the code knows nothing of that: what it was told so far is recorded, the code is
 * thrown out, and later started anew and told the same again, up to where it had been.
 */
export class Actor {
  readonly name: string;
  /** Made anew at each start, with nothing in it that a start could see of an earlier one. */
  run: Execution | undefined;
  isOver = false;
  /** The call before which it was stopped; undefined while it has ended or waits for others. */
  stoppedBefore: string | undefined;
  readonly #host: ActorHost;
  readonly #main: () => Promise<void>;
  readonly random: Random;
  readonly #log: Entry[] = [];
  readonly #arrivals: Arrival[] = [];

  constructor(name: string, seed: number, host: ActorHost, main: () => Promise<void>) {
    this.name = name;
    this.random = new Random(seed);
    this.#host = host;
    this.#main = main;
  }

  /** Lets it go on up to a limit, or until it waits for something or ends. */
  async goOn(limit: Limit): Promise<void> {
    const run = new Execution(this, this.#log, this.#host, limit);
    this.stoppedBefore = undefined;
    this.run = run;
    await run.start(this.#main, this.#arrivals);
    this.run = undefined;
    this.isOver ||= run.hasEnded;
  }

  /** What it waits for has come. */
  arrive(wait: number, value: unknown): void {
    this.#arrivals.push({ wait, value });
  }
}

// Every process has the same id, as in containers.
const processFacts = {
  env: {},
  execArgv: [],
  platform: 'linux',
  arch: 'x64',
  versions: { node: '24.0.0' },
  pid: 1,
  stderr: { isTTY: false, write: (): boolean => true },
  getBuiltinModule: (): undefined => undefined,
};

/** One start of an actor: first through what is recorded, then onwards. */
export class Execution {
  readonly actor: Actor;
  /** What code finds under this name. */
  readonly process = Object.assign(new EventEmitter(), processFacts);
  hasEnded = false;
  readonly #log: Entry[];
  readonly #host: ActorHost;
  readonly #waits = new Map<number, (value: unknown) => void>();
  readonly #timers = new Set<Timer>();
  #position = 0;
  #left: number;
  readonly #counted: Limit['of'];
  #waitCount = 0;
  #memoryCount = 0;
  #isSuspended = false;
  #failure: unknown;

  constructor(actor: Actor, log: Entry[], host: ActorHost, limit: Limit) {
    this.actor = actor;
    this.#log = log;
    this.#host = host;
    this.#left = limit.count;
    this.#counted = limit.of;
  }

  async start(main: () => Promise<void>, arrivals: Arrival[]): Promise<void> {
    main().then(
      () => {
        this.end();
      },
      (error: unknown) => {
        // What code that was thrown out says at its end is of no interest.
        if (!this.#isSuspended) this.#failure = error;
        this.end();
      },
    );
    await untilIdle();
    while (!this.#isSuspended && this.#resolveNext(arrivals)) await untilIdle();
    this.#isSuspended = true;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** A system call, or anything else that others may come before; unless it is `private`. */
  call<T>(what: string, perform: () => T, reach?: Reach): T {
    if (this.#isSuspended) throw suspension;
    if (this.#position === this.#log.length) {
      if (this.#isCounted(what, reach)) this.#takeTurn(what);
      this.#record(what, perform, true);
    }
    return this.#told(what) as T;
  }

  #isCounted(what: string, reach: Reach | undefined): boolean {
    if (this.#counted === 'calls') return reach !== 'private';
    if (this.#counted === 'changes') return reach === 'change';
    return what.startsWith(this.#counted);
  }

  #takeTurn(what: string): void {
    if (this.#left <= 0) {
      this.actor.stoppedBefore = what;
      this.#isSuspended = true;
      throw suspension;
    }
    this.#left -= 1;
  }

  /** Something that takes no time, such as a look at a clock. */
  look<T>(what: string, perform: () => T): T {
    if (this.#isSuspended) throw suspension;
    if (this.#position === this.#log.length) this.#record(what, perform, false);
    return this.#told(what) as T;
  }

  /** A draw, the same again when it is told again. */
  draw<T>(from: (random: Random) => T): T {
    return this.look('draw', () => from(this.actor.random));
  }

  /** Begins something whose result will arrive. With `yields` somebody else has the next turn. */
  wait<T>(what: string, begin: (wait: number) => void, yields?: 'yields'): Promise<T> {
    const wait = this.#waitCount++;
    const start = (): void => {
      begin(wait);
      if (yields) this.#left = 0;
    };
    this.call(what, start, 'change');
    return new Promise((resolve) => {
      this.#waits.set(wait, resolve as (value: unknown) => void);
    });
  }

  /** Gives everything else of this thread its turn, timers that are due included. */
  async pause(now: () => number): Promise<void> {
    await this.wait('pause', (wait) => {
      this.actor.arrive(wait, undefined);
    });
    const nowMs = this.look('clock', now);
    for (const timer of Array.from(this.#timers)) {
      if (timer.dueMs > nowMs || !this.#timers.delete(timer)) continue;
      timer.callback(...timer.args);
    }
  }

  /** The number of one more piece of memory to share. */
  nextMemory(): number {
    return this.#memoryCount++;
  }

  setTimer(timer: Timer): Timer {
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** The end of a process: not one call more. */
  end(): void {
    if (this.#isSuspended) return;
    this.hasEnded = true;
    this.#isSuspended = true;
  }

  #record(what: string, perform: () => unknown, isCall: boolean): void {
    try {
      if (isCall) this.#host.beforeCall(this.actor, what);
      const result = perform();
      this.#log.push({ what, result });
      if (isCall) this.#host.afterCall(this.actor, what, 'ok');
    } catch (error) {
      this.#log.push({ what, error });
      this.#host.afterCall(this.actor, what, String(error));
    }
  }

  #told(what: string): unknown {
    const entry = this.#log[this.#position++];
    if (entry?.what !== what || 'resolved' in entry) throw this.#differ(what, entry);
    if ('error' in entry) throw entry.error;
    return entry.result;
  }

  /** Gives the code the next thing that it waits for; false when there is none. */
  #resolveNext(arrivals: Arrival[]): boolean {
    if (this.#position === this.#log.length) {
      if (this.#left <= 0 && arrivals.length > 0) this.actor.stoppedBefore = 'arrival';
      const arrival = this.#left > 0 ? arrivals.shift() : undefined;
      if (arrival === undefined) return false;
      if (this.#counted === 'calls' || this.#counted === 'changes') this.#left -= 1;
      this.#log.push({ what: 'arrival', resolved: arrival.wait, value: arrival.value });
    }
    const entry = this.#log[this.#position++];
    if (entry === undefined || !('resolved' in entry)) throw this.#differ('a wait', entry);
    this.#waits.get(entry.resolved)?.(entry.value);
    return true;
  }

  #differ(what: string, entry: Entry | undefined): Error {
    const { name } = this.actor;
    const error = new Error(`${name} is not the same again: ${what}, was ${entry?.what}`);
    // The code may catch it.
    this.#failure = error;
    return error;
  }
}

/** Until no promise of the code in hand has anything more to do. */
async function untilIdle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
