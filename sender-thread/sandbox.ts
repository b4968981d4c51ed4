import { QuickJS } from 'quickjs-wasi';
import { sandboxDeadlineMs, sandboxMemoryBytes, sandboxStackBytes } from '../contract/limits.ts';
import {
  type AbsorbRequest,
  type AbsorbResponse,
  parseAbsorbResponse,
  parseBookAnswerResponse,
  type BookAnswerRequest,
  type BookAnswerResponse,
} from '../contract/sandbox.ts';
import { frameClaim } from './frame-claim.ts';
import type { UnpackedImage } from './packed-image.ts';

/**
 * The engine in WebAssembly with the guest's code already in its memory. Bytes go in, text comes
 * out: it has no import that reaches a file, a socket, a clock or the environment. A call that
 * overruns its memory or its time throws, and the instance must not be used again.
 */
export class Sandbox {
  readonly #vm: QuickJS;
  readonly #clock: WorkClock;

  private constructor(vm: QuickJS, clock: WorkClock) {
    this.#vm = vm;
    this.#clock = clock;
  }

  /** A fresh instance, restored from the snapshot in some 3 ms. Each of its calls may work `deadlineMs`. */
  static async open(image: SandboxImage, deadlineMs = sandboxDeadlineMs): Promise<Sandbox> {
    const clock = new WorkClock(deadlineMs);
    const vm = await QuickJS.restore(image.snapshot, {
      wasm: image.module,
      wasi: deniedWasi,
      timezoneOffset: 0,
      memoryLimit: sandboxMemoryBytes,
      maxStackSize: sandboxStackBytes,
      interruptHandler: () => clock.isOver,
    });
    return new Sandbox(vm, clock);
  }

  /** Counts claims into the ledger and seals what may leave. @throws when the guest failed. */
  absorb(request: AbsorbRequest): AbsorbResponse {
    const claims = request.claims.map(frameClaim);
    return parseAbsorbResponse(this.#call('absorb', { ...request, claims }));
  }

  /** Books the answer to a report. @throws when the guest failed. */
  bookAnswer(request: BookAnswerRequest): BookAnswerResponse {
    return parseBookAnswerResponse(this.#call('bookAnswer', request));
  }

  [Symbol.dispose](): void {
    this.#vm.dispose();
  }

  #call(name: 'absorb' | 'bookAnswer', request: object): unknown {
    this.#clock.start();
    return this.#vm.withScope(() => {
      const result = this.#vm.callFunction(
        this.#vm.global.getProp(name),
        this.#vm.undefined,
        this.#vm.hostToHandle(request),
      );
      return this.#vm.dump(result);
    });
  }
}

/**
 * Bounds the work of a call, not its wait: on a busy machine, an honest guest would look like one that
 * hangs, and cost its owner the ledger. The time at work takes a system call that Node itself never
 * makes, and a filter may kill for it, so it is asked only if the call takes too long by the clock.
 */
class WorkClock {
  readonly #deadlineMs: number;
  #endsAt = Infinity;
  #workedAtEnd: number | undefined;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  start(): void {
    this.#endsAt = performance.now() + this.#deadlineMs;
    this.#workedAtEnd = undefined;
  }

  get isOver(): boolean {
    if (performance.now() < this.#endsAt) return false;
    this.#workedAtEnd ??= workedMs();
    return workedMs() - this.#workedAtEnd > this.#deadlineMs;
  }
}

/** How long this thread has been at work; with an old Node, its whole process. */
function workedMs(): number {
  const isOldNode = !('threadCpuUsage' in process);
  const { user, system } = isOldNode ? process.cpuUsage() : process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** The compiled engine and the frozen memory of the guest. */
export interface SandboxImage {
  readonly module: WebAssembly.Module;
  readonly snapshot: ReturnType<typeof QuickJS.deserializeSnapshot>;
}

/**
 * Reads the snapshot, and compiles the engine unless it is given compiled.
 *
 * @throws when either is damaged, or the snapshot was made for another engine.
 */
export async function loadSandboxImage(
  { engine, snapshot }: UnpackedImage,
  compiled?: WebAssembly.Module,
): Promise<SandboxImage> {
  return {
    module: compiled ?? (await WebAssembly.compile(engine)),
    snapshot: QuickJS.deserializeSnapshot(snapshot),
  };
}

/** What a WASI call answers: not supported. */
const errnoNotSupported = 58;

type WasiCall = (...args: readonly (number | bigint)[]) => number;

/**
 * Every system call that the engine's WebAssembly module imports, denied. Its defaults would reach
 * this process's clock, streams and randomness. Time and randomness come in as arguments instead;
 * what is not listed here does not exist for the module at all.
 */
export function deniedWasi(): Record<string, WasiCall> {
  const deny: WasiCall = () => errnoNotSupported;
  return {
    clock_time_get: deny,
    fd_close: deny,
    fd_fdstat_get: deny,
    fd_seek: deny,
    fd_write: deny,
    random_get: deny,
  };
}
