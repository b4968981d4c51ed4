import { maxBytesPerSend, maxEventsPerSend, maxSendsPerBatch, maxStumbles } from '../limits.ts';
import type { FrozenEvent } from '../ingest/message.ts';
import type { Sink } from './posthog.ts';

/** `refused`: the sink takes others, but not this one. `later`: not known to have arrived. */
export type Fate = 'accepted' | 'refused' | 'later';

export type Trouble = 'unavailable' | 'misconfigured' | 'refused_everything';

export interface Delivery {
  /** By uuid. */
  readonly fates: ReadonlyMap<string, Fate>;
  /** Why some are for later; undefined when none is. */
  readonly trouble?: Trouble;
  readonly retryAfterS: number;
}

/**
 * Sends events to the sink, in bounded parts; halves a part that is refused until the bad event is
 * alone, so that it never blocks its neighbours. One event of each uuid is sent.
 */
export async function deliver(events: readonly FrozenEvent[], sink: Sink): Promise<Delivery> {
  if (events.length === 0) return { fates: new Map(), retryAfterS: 0 };
  const unique = [...new Map(events.map((event) => [event.uuid, event])).values()];
  const parts = split(unique);
  const fates = new Map<string, Fate>(unique.map(({ uuid }) => [uuid, 'later']));
  const settle = (part: readonly FrozenEvent[], fate: Fate): void => {
    for (const { uuid } of part) fates.set(uuid, fate);
  };
  let isAnyAccepted = false;
  const end = (trouble: Trouble | undefined, retryAfterS = 0): Delivery => {
    if (isAnyAccepted) return { fates, ...(trouble === undefined ? {} : { trouble }), retryAfterS };
    // A sink that takes nothing at all has changed its rules or its mind. Nothing is given up on
    // such evidence: it stays in the queue, then among the dead letters, until someone looks.
    const later = new Map(unique.map(({ uuid }): [string, Fate] => [uuid, 'later']));
    return { fates: later, trouble: trouble ?? 'refused_everything', retryAfterS };
  };
  // The first request gets one more chance, not two: a sink that is away is left alone.
  let stumbles = maxStumbles - 2;
  for (let sends = 0; sends < maxSendsPerBatch; sends++) {
    const part = parts.shift();
    if (part === undefined) break;
    const answer = await sink.send(part);
    switch (answer.kind) {
      case 'accepted':
        settle(part, 'accepted');
        isAnyAccepted = true;
        stumbles = 0;
        break;
      case 'refused':
      case 'too_large':
        if (part.length === 1) settle(part, 'refused');
        else parts.unshift(...halve(part));
        stumbles = 0;
        break;
      case 'misconfigured':
        return end('misconfigured');
      case 'unavailable':
        // A sink that answered just now has stumbled: the same once more. Else the search for a
        // bad event would begin anew with each stumble, and take hours.
        stumbles += 1;
        if (answer.retryAfterS > 0 || stumbles >= maxStumbles) {
          return end('unavailable', answer.retryAfterS);
        }
        parts.unshift(part);
        break;
    }
  }
  return end(undefined);
}

function split(events: readonly FrozenEvent[]): (readonly FrozenEvent[])[] {
  const parts: FrozenEvent[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    const last = parts.at(-1);
    // Every string is ASCII by the allowlist, so characters are bytes.
    const size = JSON.stringify(event).length;
    if (last === undefined || bytes + size > maxBytesPerSend || last.length >= maxEventsPerSend) {
      parts.push([event]);
      bytes = size;
    } else {
      last.push(event);
      bytes += size;
    }
  }
  return parts;
}

function halve(part: readonly FrozenEvent[]): (readonly FrozenEvent[])[] {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}
