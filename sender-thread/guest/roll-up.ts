import * as v from 'valibot';
import type { UsageProps } from '../../contract/report/allowlist.ts';
import { clientNames, clientVersionPattern, counterKinds } from '../../contract/report/lists.ts';
import { foldName } from '../../contract/fold.ts';
import { formatDay, parseDay } from '../../contract/day.ts';
import type { Frame, FrameCounter, FrameEvent } from '../../contract/frame.ts';
import { type Ledger, type OpenDay, openEvent } from '../../contract/ledger.ts';
import {
  maxCount,
  maxCountersPerDay,
  maxDay,
  maxEventsPerReport,
  maxVersionsPerClient,
} from '../../contract/limits.ts';
import type { Calendar } from './calendar.ts';

type Lost = Ledger['lost'];

/**
 * Adds frames to the open days: one total for each (day, kind, name, client), over all processes.
 * Every day is booked that can be written down: what becomes of it is the calendar's to say.
 */
export function rollUp(
  ledger: Ledger,
  frames: Iterable<readonly [frame: Frame, times: number]>,
): void {
  const tallies = new Map<string, DayTally>();
  for (const [frame, times] of frames) {
    ledger.lost.no_room += times * frame.dropped;
    if (frame.day > maxDay) {
      ledger.lost.out_of_date += times * callsIn(frame);
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

function callsIn({ counters, events }: Frame): number {
  return counters.reduce((sum, [, , calls]) => sum + calls, events.length);
}

/** Drops the open days that have waited too long, or that a wrong clock has put too far ahead. */
export function dropLostDays(ledger: Ledger, calendar: Calendar): void {
  for (const [text, open] of Object.entries(ledger.days)) {
    const day = parseDay(text);
    if (day !== undefined && !calendar.isLost(day)) continue;
    ledger.lost.out_of_date += countsOf(open);
    delete ledger.days[text];
  }
}

/** Counts and events of an open day. */
export function countsOf({ usage, events }: OpenDay): number {
  return usage.reduce((sum, { count }) => sum + count, events.length);
}

/** The totals of one day while frames are added to it. */
class DayTally {
  readonly #day: OpenDay;
  readonly #lost: Lost;
  /** By the counter's own words: each distinct identity is held against the lists once. */
  readonly #byWords = new Map<string, UsageProps>();
  readonly #byIdentity = new Map<string, UsageProps>();
  /** Versions of each client. */
  readonly #versions = new Map<string, Set<string>>();

  constructor(day: OpenDay, lost: Lost) {
    this.#day = day;
    this.#lost = lost;
    for (const usage of day.usage) this.#note(usage);
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
    if (usage.client_version !== undefined && (isFull || !this.#hasRoomFor(usage))) {
      // Versions are the one open dimension; without them the lists bound what there can be.
      const { client_version: _, ...unversioned } = usage;
      return this.#findOrOpen(unversioned);
    }
    this.#note(usage);
    this.#day.usage.push(usage);
    return usage;
  }

  #hasRoomFor({ client_name, client_version }: UsageProps): boolean {
    const versions = this.#versions.get(client_name ?? '') ?? new Set();
    return versions.has(client_version ?? '') || versions.size < maxVersionsPerClient;
  }

  #note(usage: UsageProps): void {
    this.#byIdentity.set(identityOf(usage), usage);
    const { client_name, client_version } = usage;
    if (client_name === undefined || client_version === undefined) return;
    const versions = this.#versions.get(client_name) ?? new Set();
    this.#versions.set(client_name, versions.add(client_version));
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
