import { dayOf } from '../../contract/day.ts';
import { choiceFileName } from '../../contract/files.ts';
import type { FlushTask } from '../../contract/flush.ts';
import type { AbsorbRequest, AbsorbResponse } from '../../contract/sandbox.ts';
import { Actor, type ActorHost, type Execution, type Limit } from './actor.ts';
import { type Answer, SimulatedIngest } from './ingest.ts';
import type { Machine, Surroundings } from './machine.ts';
import { Observer } from './observer.ts';
import type { Production } from './production.ts';
import { dataDir } from './paths.ts';
import { errorOf, VirtualFiles } from './virtual-files.ts';

/** A process: its main thread, and the sender thread when it has one. */
export interface Process {
  readonly number: number;
  readonly startedAt: number;
  endedAt: number;
  readonly main: Actor;
  thread: Actor | undefined;
  /** What its thread has still to do. */
  readonly tasks: Task[];
  readonly memory: SharedArrayBuffer[];
}

interface Task {
  readonly task: FlushTask;
  readonly whenOver: (result: unknown) => void;
}

/** How the next system call of a thread that can fail does fail. */
export type Fault = 'EIO' | 'ENOSPC' | 'EMFILE' | 'short write';

const toTheEnd: Limit = { count: 10_000, of: 'calls' };

// Two days before the end of a month.
const startMs = Date.UTC(2026, 10, 29, 9);

// Its owner has said yes; the engine has given it an id.
const choice = { enabled: true, machine_id: '3f2b8c1e-5d4a-4e6b-9a7c-0d1e2f3a4b5c' };

/** One machine with its disk, its clock and its processes, and an ingest somewhere. */
export class World implements Surroundings, ActorHost {
  readonly production: Production;
  readonly ingest = new SimulatedIngest();
  readonly observer = new Observer(this);
  readonly #happened: (string | readonly [name: string, what: string, outcome: string])[] = [];
  /** For each kill, the call that the process was about to make. */
  readonly killedBefore: string[] = [];
  /** All processes that ever were. */
  readonly everybody: Process[] = [];
  nowMs = startMs;
  /** Calls so far, over all actors: a time that never stands still. */
  moment = 0;
  readonly #machine: Machine;
  readonly #disk: VirtualFiles;
  readonly #processes: Process[] = [];
  readonly #faults = new Map<Actor, Fault>();
  #processCount = 0;
  #threadCount = 0;
  #running: Actor | undefined;

  constructor(machine: Machine, production: Production) {
    this.#machine = machine;
    this.production = production;
    this.#disk = new VirtualFiles({
      call: (what, perform, reach) => this.run.call(what, perform, reach),
      now: () => this.nowMs,
      who: () => this.#actor,
      noteUnseen: (writers) => {
        for (const writer of writers) this.observer.noteUnseen(this.processOf(writer as Actor));
      },
      noteTouched: (writers) => {
        for (const writer of writers) this.observer.noteTouched(this.processOf(writer as Actor));
      },
      isShort: () => this.#takeFault('short write'),
    });
    this.#disk.makeFolder('/home');
    this.#disk.makeFolder(dataDir);
    this.#disk.put(`${dataDir}/${choiceFileName}`, JSON.stringify(choice));
  }

  // ── what happens ─────────────────────────────────────────────────────────────────────────────

  /** Starts a process; it does nothing before it is let go on. */
  start(name: string, main: (process: Process) => Promise<void>): Process {
    const number = ++this.#processCount;
    const process: Process = {
      number,
      startedAt: this.moment,
      endedAt: Infinity,
      main: new Actor(`${name} ${number}`, number, this, () => main(process)),
      thread: undefined,
      tasks: [],
      memory: [],
    };
    this.#processes.push(process);
    this.everybody.push(process);
    return process;
  }

  /** Threads that have not ended. */
  get actors(): readonly Actor[] {
    return this.#processes.flatMap(({ main, thread }) => (thread ? [main, thread] : [main]));
  }

  get processes(): readonly Process[] {
    return this.#processes;
  }

  async goOn(actor: Actor, limit: Limit = toTheEnd): Promise<void> {
    this.#machine.enter(this);
    this.#running = actor;
    try {
      await actor.goOn(limit);
    } finally {
      this.#running = undefined;
    }
    for (const process of Array.from(this.#processes)) {
      if (process.main.isOver) this.#bury(process);
      else if (process.thread?.isOver) {
        process.thread = undefined;
        this.#startNextTask(process);
      }
    }
  }

  pass(ms: number): void {
    this.tell(`the clock goes on by ${ms / 1_000} s`);
    this.#disk.finishWrites();
    if (ms < 0) this.observer.noteSetBack();
    this.nowMs += ms;
  }

  kill(process: Process): void {
    const { main, thread } = process;
    this.killedBefore.push((thread ?? main).stoppedBefore ?? 'its end');
    this.tell(`${process.main.name} is killed`);
    this.observer.noteKill(process);
    this.#bury(process);
  }

  failNext(actor: Actor, fault: Fault): void {
    this.#faults.set(actor, fault);
  }

  damage(file: string, change: (data: Uint8Array) => Uint8Array): void {
    this.tell(`${file} is damaged`);
    this.observer.noteDamage(file);
    this.#disk.damage(`${dataDir}/${file}`, change);
  }

  tell(what: string): void {
    this.#happened.push(what);
  }

  /** What happened, call by call: text is made only of what goes wrong. */
  get trace(): readonly string[] {
    return this.#happened.map((line) => {
      if (typeof line === 'string') return line;
      const [name, what, outcome] = line;
      const result = outcome === 'ok' ? '' : ` → ${outcome}`;
      return `${name}: ${what}${result}`.replaceAll(`${dataDir}/`, '');
    });
  }

  read(file: string): Uint8Array | undefined {
    return this.#disk.peek(`${dataDir}/${file}`);
  }

  list(folder: string): readonly string[] | undefined {
    return this.#disk.list(`${dataDir}/${folder}`);
  }

  // ── what our code finds ──────────────────────────────────────────────────────────────────────

  get files(): VirtualFiles['functions'] {
    return this.#disk.functions;
  }

  get run(): Execution {
    const { run } = this.#actor;
    if (run === undefined) throw new Error('nobody is running');
    return run;
  }

  now(): number {
    return this.nowMs;
  }

  sharedMemory(index: number): SharedArrayBuffer {
    const { memory } = this.processOf(this.#actor);
    return (memory[index] ??= new SharedArrayBuffer(4));
  }

  post(text: string): Answer {
    this.observer.notePost(this.#actor, text);
    const answer = this.ingest.receive(text);
    this.tell(`the ingest ${this.ingest.mood}: ${JSON.stringify(answer)}`);
    return answer;
  }

  startThread(task: FlushTask, whenOver: (result: unknown) => void): void {
    const process = this.processOf(this.#actor);
    process.tasks.push({ task, whenOver });
    this.#startNextTask(process);
  }

  /** A pool of one thread does one task after the other. */
  #startNextTask(process: Process): void {
    if (process.thread !== undefined) return;
    const next = process.tasks.shift();
    if (next === undefined) return;
    const seed = process.number + 1_000 * ++this.#threadCount;
    process.thread = new Actor(`thread of ${process.number}`, seed, this, async () => {
      next.whenOver(await this.production.flush(next.task));
    });
  }

  noteGuest(request: object, response: object): void {
    if ('today' in request)
      this.observer.noteAbsorb(request as AbsorbRequest, response as AbsorbResponse);
  }

  // ── what happens with each call ──────────────────────────────────────────────────────────────

  beforeCall(actor: Actor, what: string): void {
    this.moment += 1;
    const fault = this.#faults.get(actor);
    if (fault === undefined || fault === 'short write' || !canFail.test(what)) return;
    this.#takeFault(fault);
    throw errorOf(fault, what);
  }

  afterCall(actor: Actor, what: string, outcome: string): void {
    this.observer.noteCall(actor, what);
    this.#happened.push([actor.name, what, outcome]);
  }

  processOf(actor: Actor): Process {
    const process = this.everybody.find(({ main, thread }) => [main, thread].includes(actor));
    if (process === undefined) throw new Error(`${actor.name} has no process`);
    return process;
  }

  get today(): number {
    return dayOf(this.nowMs);
  }

  get #actor(): Actor {
    if (this.#running === undefined) throw new Error('nobody is running');
    return this.#running;
  }

  #takeFault(fault: Fault): boolean {
    const actor = this.#actor;
    if (this.#faults.get(actor) !== fault) return false;
    this.#faults.delete(actor);
    this.observer.noteFault(this.processOf(actor));
    return true;
  }

  #bury(process: Process): void {
    this.#processes.splice(this.#processes.indexOf(process), 1);
    process.endedAt = this.moment;
    for (const actor of [process.main, process.thread]) {
      if (actor !== undefined) this.#disk.abandon(actor);
    }
  }
}

// What full, failing and crowded disks refuse. A look or a `close` that fails is of no local disk.
const canFail = /^(?:open|write|fsync|rename|link|unlink|rmdir|mkdir|readdir|utimes)/;
