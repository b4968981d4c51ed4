import { EventEmitter } from 'node:events';
import { constants } from 'node:fs';
import type { FlushTask } from '../../contract/flush.ts';
import type { Execution } from './actor.ts';
import type { Answer } from './ingest.ts';
import type { VirtualFiles } from './virtual-files.ts';

/** What our code is given of one simulated world. */
export interface Surroundings {
  readonly files: VirtualFiles['functions'];
  /** Who is running. */
  readonly run: Execution;
  readonly now: () => number;
  /** Memory that the threads of the running process share. */
  sharedMemory(index: number): SharedArrayBuffer;
  post(text: string): Answer;
  /** The guest has answered. */
  noteGuest(request: object, response: object): void;
  /** Starts the thread of the running process with a task. */
  startThread(task: FlushTask, whenOver: (result: unknown) => void): void;
}

type FileFunctions = VirtualFiles['functions'];

/**
 * The globals and modules that our code finds in place of the real ones. Bundled once, it is put
 * into one world after another.
 */
export class Machine {
  #surroundings: Surroundings | undefined;

  enter(surroundings: Surroundings): void {
    this.#surroundings = surroundings;
  }

  get #world(): Surroundings {
    if (this.#surroundings === undefined) throw new Error('no world to be in');
    return this.#surroundings;
  }

  get #run(): Execution {
    return this.#world.run;
  }

  readonly #look = <T>(what: string, perform: () => T): T => this.#run.look(what, perform);
  readonly #now = (): number => this.#look('clock', () => this.#world.now());

  // ── modules ──────────────────────────────────────────────────────────────────────────────────

  readonly files = new Proxy({} as FileFunctions, {
    get: (_, name) => {
      if (name === 'constants') return constants;
      return (...args: unknown[]): unknown =>
        Reflect.apply(Reflect.get(this.#world.files, name) as () => unknown, undefined, args);
    },
  });

  readonly request = (): object => {
    const events = new EventEmitter();
    return Object.assign(events, {
      end: (text: string): void => {
        const answered = this.#run.wait<Answer>('POST', (wait) => {
          this.#run.actor.arrive(wait, this.#world.post(text));
        });
        void answered.then((answer) => {
          if (answer === 'no reply') events.emit('error', new Error('no reply'));
          else events.emit('response', answer);
        });
      },
      destroy: (): void => undefined,
    });
  };

  readonly Piscina = this.#makePiscina();

  /** The guest is a black box: given the same again, it need not be run again. */
  readonly guest = <In, Out>(name: string, guest: (request: In) => Out, request: In): Out =>
    this.#run.call(
      name,
      () => {
        const result = guest(copyOf(request));
        this.#world.noteGuest(request as object, result as object);
        return result;
      },
      'private',
    );

  // ── globals ──────────────────────────────────────────────────────────────────────────────────

  readonly Date = this.#makeDate();
  readonly performance = { now: this.#now };
  readonly Math_random = (): number => this.#run.draw((random) => random.fraction());
  readonly crypto = {
    randomUUID: (): string => this.#run.draw((random) => random.uuid()),
    getRandomValues: (bytes: Uint8Array): Uint8Array => {
      bytes.set(this.#run.draw((random) => random.bytes(bytes.length)));
      return bytes;
    },
  };
  readonly AbortSignal = { timeout: (): undefined => undefined };

  // What goes on between two rounds of a process's event loop is told by other means.
  readonly setImmediate = (task: () => void): { readonly unref: () => void } => {
    queueMicrotask(task);
    return { unref: () => undefined };
  };

  readonly setTimeout = (
    callback: (...args: unknown[]) => void,
    ms: number,
    ...args: unknown[]
  ): object => {
    const timer = this.#run.setTimer({ dueMs: this.#now() + ms, callback, args });
    const refresh = (): void => {
      timer.dueMs = this.#now() + ms;
    };
    return Object.assign(timer, { unref: () => timer, refresh });
  };
  readonly clearTimeout = (timer: unknown): void => {
    this.#run.clearTimer(timer);
  };
  // Whatever goes on for ever does not go on here: a history says when something happens.
  readonly setInterval = (): object => ({ unref: () => undefined });
  readonly clearInterval = (): void => undefined;

  readonly Atomics = {
    compareExchange: (memory: Int32Array, at: number, expected: number, value: number): number =>
      this.#run.call('exchange', () => Atomics.compareExchange(memory, at, expected, value)),
    store: (memory: Int32Array, at: number, value: number): number =>
      this.#run.call('store', () => Atomics.store(memory, at, value)),
    notify: (): number => 0,
    // Whoever waits is not run for a while, or not for long enough.
    wait: (memory: Int32Array, at: number, value: number): string =>
      this.#run.call('wait', () => (Atomics.load(memory, at) === value ? 'timed-out' : 'ok')),
  };
  readonly SharedArrayBuffer = this.#makeSharedArrayBuffer();

  get process(): object {
    return this.#run.process;
  }

  #makeDate(): DateConstructor {
    const now = this.#now;
    return class extends Date {
      constructor(...args: [] | [number]) {
        super(args[0] ?? now());
      }

      static override now(): number {
        return now();
      }
    } as DateConstructor;
  }

  #makeSharedArrayBuffer(): new () => SharedArrayBuffer {
    const next = (): SharedArrayBuffer => this.#world.sharedMemory(this.#run.nextMemory());
    return class {
      static readonly BYTES_PER_ELEMENT = 4;

      constructor() {
        // The same one again whenever the thread that made it is started anew.
        return next();
      }
    } as unknown as new () => SharedArrayBuffer;
  }

  #makePiscina(): new () => object {
    const run = (task: FlushTask | undefined, { name }: { name: string }): Promise<unknown> => {
      if (name !== 'flush' || task === undefined) return Promise.resolve();
      const { actor } = this.#run;
      const begin = (wait: number): void => {
        this.#world.startThread(task, (result) => {
          actor.arrive(wait, result);
        });
      };
      return this.#run.wait('start thread', begin, 'yields');
    };
    return class {
      readonly on = (): undefined => undefined;
      readonly run = run;
      readonly destroy = (): Promise<void> => Promise.resolve();
    };
  }
}

/** What crosses the wall is copied: text and numbers as they are, bytes by their bytes. */
function copyOf<Value>(value: Value): Value {
  if (value instanceof Uint8Array) return value.slice() as Value;
  if (Array.isArray(value)) return value.map(copyOf) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [key, copyOf(item)]),
  ) as Value;
}
