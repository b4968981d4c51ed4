import * as v from 'valibot';
import type { UsageProps } from '../../contract/report/allowlist.ts';
import { clientNames, clientVersionPattern, counterKinds } from '../../contract/report/lists.ts';
import { foldName } from '../../contract/fold.ts';
import { type DayNumber, formatDay, parseDay } from '../../contract/day.ts';
import type { Frame, FrameCounter, FrameEvent } from '../../contract/frame.ts';
import { type Ledger, type OpenDay, openEvent } from '../../contract/ledger.ts';
import {
  maxAgeDays,
  maxCount,
  maxCountersPerDay,
  maxEventsPerReport,
  maxFutureDays,
} from '../../contract/limits.ts';

type Lost = Ledger['lost'];

/**
 * Adds frames to the open days: one total for each (day, kind, name, client), over all processes.
 * A day that the reports could not date truly is not booked, and counted as lost.
 */
export function rollUp(
  ledger: Ledger,
  frames: Iterable<readonly [frame: Frame, times: number]>,
  today: DayNumber,
): void {
  const tallies = new Map<string, DayTally>();
  for (const [frame, times] of frames) {
    ledger.lost.no_room += times * frame.dropped;
    if (!isDatable(frame.day, today)) {
      ledger.lost.out_of_date += times * (frame.counters.length + frame.events.length);
      continue;
    }
    const day = formatDay(frame.day);
    let tally = tallies.get(day);
    if (tally === undefined) {
      tally = new DayTally((ledger.days[day] ??= { usage: [], events: [] }), ledger.lost);
      tallies.set(day, tally);
    }
    tally.add(frame, times);
  }
}

/** Drops the open days that have waited too long, or that a wrong clock has put too far ahead. */
export function dropUndatableDays(ledger: Ledger, today: DayNumber): void {
  for (const [text, { usage, events }] of Object.entries(ledger.days)) {
    const day = parseDay(text);
    if (day !== undefined && isDatable(day, today)) continue;
    ledger.lost.out_of_date += usage.length + events.length;
    delete ledger.days[text];
  }
}

function isDatable(day: DayNumber, today: DayNumber): boolean {
  return day >= today - maxAgeDays && day <= today + maxFutureDays;
}

/** The totals of one day while frames are added to it. */
class DayTally {
  readonly #day: OpenDay;
  readonly #lost: Lost;
  /** By the counter's own words: each distinct identity is held against the lists once. */
  readonly #byWords = new Map<string, UsageProps>();
  readonly #byIdentity = new Map<string, UsageProps>();

  constructor(day: OpenDay, lost: Lost) {
    this.#day = day;
    this.#lost = lost;
    for (const usage of day.usage) this.#byIdentity.set(identityOf(usage), usage);
  }

  add({ counters, events }: Frame, times: number): void {
    for (const counter of counters) {
      const [, , calls, errors] = counter;
      if (calls === 0) continue;
      const usage = this.#usageFor(counter);
      usage.count = Math.min(maxCount, usage.count + times * calls);
      usage.error_count = Math.min(usage.count, usage.error_count + times * errors);
    }
    for (const event of events) this.#addEvent(event, times);
  }

  #addEvent([event, props]: FrameEvent, times: number): void {
    const result = v.safeParse(openEvent, { event, props }, { abortEarly: true });
    for (let time = 0; time < times; time++) {
      // The bound holds for a process that fills the buffer with events day after day.
      if (result.success && this.#day.events.length < maxEventsPerReport) {
        this.#day.events.push(result.output);
      } else {
        this.#lost.unlisted += 1;
      }
    }
  }

  #usageFor(counter: FrameCounter): UsageProps {
    const [kind, name, , , client, clientVersion] = counter;
    const words = `${kind} ${name} ${client ?? ''} ${clientVersion ?? ''}`;
    let usage = this.#byWords.get(words);
    if (usage === undefined) {
      usage = this.#findOrOpen(listedUsage(counter));
      this.#byWords.set(words, usage);
    }
    return usage;
  }

  #findOrOpen(usage: UsageProps): UsageProps {
    const known = this.#byIdentity.get(identityOf(usage));
    if (known !== undefined) return known;
    const isFull = this.#day.usage.length >= maxCountersPerDay;
    if (isFull && usage.client_version !== undefined) {
      // Versions are the one open dimension; without them the lists bound what there can be.
      const { client_version: _, ...unversioned } = usage;
      return this.#findOrOpen(unversioned);
    }
    this.#byIdentity.set(identityOf(usage), usage);
    this.#day.usage.push(usage);
    return usage;
  }
}

/** An empty total whose every word is from the closed lists. */
function listedUsage([kindNumber, name, , , client, clientVersion]: FrameCounter): UsageProps {
  const kind = counterKinds[kindNumber];
  const usage = {
    kind,
    name: foldName(kind, name),
    count: 0,
    error_count: 0,
    ...(client !== undefined && {
      client_name: clientNames.find((known) => known === client) ?? 'other',
    }),
    ...(client !== undefined &&
      clientVersion !== undefined &&
      clientVersionPattern.test(clientVersion) && { client_version: clientVersion }),
  };
  // `name` is from the list of its kind, by `foldName`; the finished report is checked whole.
  return usage as UsageProps;
}

function identityOf({ kind, name, client_name, client_version }: UsageProps): string {
  return `${kind} ${name} ${client_name ?? ''} ${client_version ?? ''}`;
}
