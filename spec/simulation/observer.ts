import type { Mode } from '../../contract/choice-file.ts';
import { ledgerFile, lockFile } from '../../contract/files.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { maxAgeDays, maxFutureDays } from '../../contract/limits.ts';
import type { AbsorbRequest, AbsorbResponse } from '../../contract/sandbox.ts';
import type { Actor } from './actor.ts';
import { identitiesIn, parseReport, type Report } from './ingest.ts';
import { dataDir, paths } from './paths.ts';
import type { Process, World } from './world.ts';

/** One count: each has an identity of its own, so that its fate can be told. */
export interface Count {
  readonly identity: string;
  readonly process: Process;
  /** The day on which it began, and that on which it was written or left alone. */
  readonly days: [first: number, last: number];
  /** When `count` returned. */
  countedAt: number;
  /** When its process began to write it, and when it was through with that. */
  writingAt: number;
  writtenAt: number;
  /** Why it may be missing. */
  readonly excuses: Set<Excuse>;
  mayBeTwice: boolean;
}

/** One run of `codegraph telemetry on`, `local` or `off`. */
export interface ChoiceRun {
  readonly wish: Mode;
  readonly startedAt: number;
  /** Infinity for one that was killed. */
  endedAt: number;
  ok: boolean;
}

export type Excuse =
  | 'killed before it was written'
  | 'the disk refused it'
  | 'opened, stopped, and written in that moment'
  | 'damaged'
  | 'out of date';

/** Writes down what the verdict has to know. Changes nothing. */
export class Observer {
  readonly counts = new Map<string, Count>();
  readonly choices: ChoiceRun[] = [];
  /** What was seen that must never be. */
  readonly faults: string[] = [];
  readonly happened = new Set<
    'kill' | 'fault' | 'damage' | 'ledger damage' | 'late clearing' | 'out of date' | 'take-over'
  >();
  readonly #world: World;
  /** When each thread last began to look at consent, and at the lock, and changed a file. */
  readonly #looks = new Map<Actor, number>();
  readonly #lockLooks = new Map<Actor, number>();
  readonly #renames = new Map<Actor, number>();
  readonly #refused = new Set<Process>();
  /** By `machine_id`: the moment at which it was first in a report. */
  readonly #sealedFirst = new Map<string, number>();
  /** By `machine_id`: the month of which it was sent. */
  readonly #months = new Map<string, string>();
  lastKillAt = -1;

  constructor(world: World) {
    this.#world = world;
  }

  /** A process is about to count; returns the identity to count under. */
  noteCount(process: Process): string {
    const index = [...this.counts.values()].filter((count) => count.process === process).length;
    const identity = `${process.number}.${index}`;
    this.counts.set(identity, {
      identity,
      process,
      days: [this.#world.today, Infinity],
      countedAt: Infinity,
      writingAt: Infinity,
      writtenAt: Infinity,
      excuses: new Set(this.#refused.has(process) ? ['the disk refused it'] : []),
      mayBeTwice: false,
    });
    return identity;
  }

  noteCounted(identity: string): void {
    const count = this.counts.get(identity);
    if (count !== undefined) count.countedAt = this.#world.moment;
  }

  /** A process begins to write all that it has counted. */
  noteWriting(process: Process): void {
    for (const count of this.#unwrittenOf(process)) count.writingAt = this.#world.moment;
  }

  /** It has done so, as far as it could. */
  noteWritten(process: Process): void {
    for (const count of this.#unwrittenOf(process)) {
      count.days[1] = this.#world.today;
      count.writtenAt = this.#world.moment;
    }
  }

  noteKill(process: Process): void {
    this.happened.add('kill');
    this.lastKillAt = this.#world.moment;
    this.#excuseUnwritten(process, 'killed before it was written');
  }

  noteFault(process: Process): void {
    this.happened.add('fault');
    this.lastKillAt = this.#world.moment;
    // A choice that could not be read is off, until the file changes.
    this.#refused.add(process);
    this.#excuseUnwritten(process, 'the disk refused it');
  }

  /** A flusher has deleted a claim between whose write and whose delete it has not looked. */
  noteUnseen(process: Process): void {
    for (const count of this.counts.values()) {
      if (count.process === process)
        count.excuses.add('opened, stopped, and written in that moment');
    }
  }

  /**
   * Two were stopped for seconds, the one before its write, the other after it. The first has written
   * into a file that was deleted by then: the second can no longer tell that it was read before.
   */
  noteTouched(process: Process): void {
    for (const count of this.counts.values()) {
      if (count.process === process) count.mayBeTwice = true;
    }
  }

  /** Times that a file got before the clock was set back say nothing beside those that it gets now. */
  noteSetBack(): void {
    for (const count of this.counts.values()) {
      if (count.writingAt < Infinity && count.writtenAt === Infinity) count.mayBeTwice = true;
    }
  }

  noteDamage(file: string): void {
    this.happened.add(file.endsWith('.json') ? 'ledger damage' : 'damage');
    // What was in the way of the damage is gone.
    for (const count of this.counts.values()) count.excuses.add('damaged');
  }

  noteAbsorb({ today, reporter }: AbsorbRequest, { ledger }: AbsorbResponse): void {
    if (reporter !== null) this.#noteSealed(ledger);
    for (const { days } of this.counts.values()) {
      const [first, last] = [days[0], Math.min(days[1], this.#world.today)];
      if (
        Math.min(first, last) >= today - maxAgeDays &&
        Math.max(first, last) <= today + maxFutureDays
      )
        continue;
      this.happened.add('out of date');
    }
    if (!this.happened.has('out of date')) return;
    // A report expires as a whole.
    for (const count of this.counts.values()) count.excuses.add('out of date');
  }

  #noteSealed(ledger: string): void {
    const { reports } = JSON.parse(ledger) as Pick<Ledger, 'reports'>;
    for (const { body } of reports) {
      const { machine_id } = parseReport(body);
      if (!this.#sealedFirst.has(machine_id)) this.#sealedFirst.set(machine_id, this.#world.moment);
    }
  }

  noteCall(actor: Actor, what: string): void {
    const { moment } = this.#world;
    if (what.endsWith(paths.policyFile)) this.#looks.set(actor, moment);
    if (what === `read ${dataDir}/${lockFile}`) this.#lockLooks.set(actor, moment);
    if (what.startsWith('rename')) this.#renames.set(actor, moment);
    // Somebody who began to delete everything after an `off` is still at it after an `on`.
    const last = this.choices.at(-1);
    const isOnAgain = last?.wish === 'on' && last.endedAt < moment;
    if (isOnAgain && what === `unlink ${dataDir}/${ledgerFile}`) this.happened.add('late clearing');
    if (!what.startsWith(`rename ${dataDir}/${lockFile} `)) return;
    const isHeld = this.#world.actors.some(
      (other) => other !== actor && other === this.#world.processOf(other).thread,
    );
    if (isHeld) this.happened.add('take-over');
  }

  /** Consent is looked at before each POST; a POST that is in the air when `off` comes, arrives. */
  notePost(actor: Actor, text: string): void {
    const report = parseReport(text);
    const { machine_id } = report;
    this.#noteMonths(report);
    const lookedAt = this.#looks.get(actor) ?? -1;
    const renamedAt = this.#renames.get(actor) ?? -1;
    if (lookedAt < renamedAt) this.faults.push('sent without a look at consent');
    if ((this.#lockLooks.get(actor) ?? -1) < renamedAt)
      this.faults.push('sent without a look at the lock');
    for (const choice of this.choices) {
      if (choice.wish !== 'off' || !choice.ok || choice.endedAt > lookedAt) continue;
      // Two choices at once: either may be the one that holds.
      if (this.#isContested(choice)) continue;
      const sealedAt = this.#sealedFirst.get(machine_id) ?? Infinity;
      if (sealedAt < choice.startedAt) this.faults.push('an id was sent after an off');
      for (const identity of identitiesIn(report)) {
        const count = this.counts.get(identity);
        if (count === undefined || count.countedAt >= choice.endedAt) continue;
        const isAtIt = count.writingAt < choice.endedAt && count.writtenAt > choice.endedAt;
        if (isAtIt && this.#isAwakeAfter(choice, count.process)) continue;
        this.faults.push(`${identity} was sent after an off`);
      }
    }
    const last = this.choices.findLast(({ startedAt }) => startedAt <= lookedAt);
    if (last === undefined || !last.ok || last.endedAt > lookedAt || this.#isContested(last))
      return;
    if (last.wish !== 'on') this.faults.push(`sent while telemetry was ${last.wish}`);
  }

  /** A machine is one machine in a month, and another in the next. */
  #noteMonths({ machine_id, events }: Report): void {
    // An `off` deletes the id of the month. One that could not be stored leaves the engine's id where it
    // was, and may take the ledger that knew that it had served.
    if (this.choices.some(({ wish }) => wish === 'off') || this.happened.has('ledger damage'))
      return;
    for (const month of new Set(events.map(({ ts }) => ts.slice(0, 7)))) {
      for (const [id, other] of this.#months) {
        if (id === machine_id && other !== month)
          this.faults.push(`one id in ${other} and in ${month}`);
        if (id !== machine_id && other === month) this.faults.push(`two ids in ${month}`);
      }
      this.#months.set(machine_id, month);
    }
  }

  /**
   * A process that was stopped between its look and its write, from before an `off` until after an `on`,
   * has looked in vain.
   */
  #isAwakeAfter(off: ChoiceRun, process: Process): boolean {
    return this.choices.some(
      ({ wish, startedAt }) =>
        wish !== 'off' && startedAt >= off.endedAt && startedAt < process.endedAt,
    );
  }

  #isContested(choice: ChoiceRun): boolean {
    return this.choices.some(
      (other) =>
        other !== choice && other.startedAt < choice.endedAt && other.endedAt > choice.startedAt,
    );
  }

  #unwrittenOf(process: Process): readonly Count[] {
    return [...this.counts.values()].filter(
      (count) => count.process === process && count.writtenAt === Infinity,
    );
  }

  #excuseUnwritten(process: Process, excuse: Excuse): void {
    for (const count of this.#unwrittenOf(process)) count.excuses.add(excuse);
  }
}
