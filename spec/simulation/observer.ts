import type { Mode } from '../contract/consent.ts';
import { maxAgeDays, maxFutureDays } from '../contract/limits.ts';
import type { AbsorbRequest } from '../contract/sandbox.ts';
import type { Actor } from './actor.ts';
import { eventsIn, identityOf } from './ingest.ts';
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
  /** Why it may be missing, if there is a reason. */
  excuse: string | undefined;
}

/** One run of `codegraph telemetry on`, `local` or `off`. */
export interface ChoiceRun {
  readonly wish: Mode;
  readonly startedAt: number;
  /** Infinity for one that was killed. */
  endedAt: number;
  ok: boolean;
}

const refusal = 'the disk refused it';

/** Writes down what the verdict has to know. Changes nothing. */
export class Observer {
  readonly counts = new Map<string, Count>();
  readonly choices: ChoiceRun[] = [];
  /** What was seen that must never be. */
  readonly faults: string[] = [];
  readonly happened = new Set<'kill' | 'fault' | 'damage' | 'ledger damage' | 'out of date'>();
  readonly #world: World;
  readonly #lastCall = new Map<Actor, number>();
  readonly #refused = new Set<Process>();
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
      excuse: this.#refused.has(process) ? refusal : undefined,
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
    this.#excuseUnwritten(process, refusal);
  }

  /** A flusher has deleted a claim between whose write and whose delete it has not looked. */
  noteUnseen(process: Process): void {
    for (const count of this.counts.values()) {
      if (count.process === process) count.excuse ??= 'opened, stopped, and written in that moment';
    }
  }

  noteDamage(file: string): void {
    this.happened.add(file.endsWith('.json') ? 'ledger damage' : 'damage');
    // What was in the way of the damage is gone.
    for (const count of this.counts.values()) count.excuse ??= `${file} was damaged`;
  }

  noteAbsorb({ today }: AbsorbRequest): void {
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
    for (const count of this.counts.values()) count.excuse ??= 'out of date';
  }

  noteCall(actor: Actor): void {
    this.#lastCall.set(actor, this.#world.moment);
  }

  /** Consent is looked at before each POST; a POST that is in the air when `off` comes, arrives. */
  notePost(actor: Actor, text: string): void {
    const lookedAt = this.#lastCall.get(actor) ?? -1;
    for (const choice of this.choices) {
      if (choice.wish !== 'off' || !choice.ok || choice.endedAt > lookedAt) continue;
      // Two choices at once: either may be the one that holds.
      if (this.#isContested(choice)) continue;
      for (const identity of eventsIn(text).map(identityOf)) {
        const count = this.counts.get(identity);
        if (count === undefined || count.countedAt >= choice.endedAt) continue;
        // A process that was stopped between its look and its write, from before the `off` until
        // after an `on`, has looked in vain.
        if (count.writingAt < choice.endedAt && count.writtenAt > choice.endedAt) continue;
        this.faults.push(`${identity} was sent after an off`);
      }
    }
    const last = this.choices.findLast(({ startedAt }) => startedAt <= lookedAt);
    if (last === undefined || !last.ok || last.endedAt > lookedAt || this.#isContested(last))
      return;
    if (last.wish !== 'on') this.faults.push(`sent while telemetry was ${last.wish}`);
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

  #excuseUnwritten(process: Process, reason: string): void {
    for (const count of this.#unwrittenOf(process)) count.excuse ??= reason;
  }
}
