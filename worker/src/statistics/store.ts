import type { QueueMessage } from '../ingest/message.ts';
import { maxStorePartsPerBatch } from '../limits.ts';
import { countMessages, type CellStoreOptions } from './cell-store.ts';
import type { Rates } from './rates.ts';

/** `resent`: counted before. `refused`: the database takes others, but not this one. */
export type StoreFate = 'stored' | 'resent' | 'refused' | 'later';

export interface StoreResult {
  /** By message. */
  readonly fates: ReadonlyMap<QueueMessage, StoreFate>;
  readonly late: number;
}

/** The sink of our own: the statistics in D1. */
export interface StatisticsStore {
  /** Never throws; what the database did not take is for later. */
  readonly add: (messages: readonly QueueMessage[], rates: Rates) => Promise<StoreResult>;
}

type Part = readonly QueueMessage[];

/**
 * Halves what the database does not take, until the message that it refuses is alone. One that is
 * refused while others are taken is given up, by what the database says of it, and never by silence.
 */
export function openStatistics(
  db: D1Database,
  options: Omit<CellStoreOptions, 'rates'>,
): StatisticsStore {
  return {
    add: async (messages, rates) => {
      const fates = new Map<QueueMessage, StoreFate>(messages.map((each) => [each, 'later']));
      const parts: Part[] = messages.length === 0 ? [] : [messages];
      const refused: QueueMessage[] = [];
      let late = 0;
      let failures = 0;
      let isAnyTaken = false;
      for (let tries = 0; tries < maxStorePartsPerBatch; tries++) {
        const part = parts.shift();
        if (part === undefined) break;
        try {
          const counted = await countMessages(db, part, { ...options, rates });
          late += counted.late;
          settle(fates, part, counted.fresh);
          isAnyTaken = true;
          failures = 0;
        } catch (error) {
          failures += 1;
          // A database that is away is left alone.
          if (!isAnyTaken && failures > Math.log2(messages.length) + 1) break;
          if (part.length > 1) parts.unshift(...halve(part));
          else if (isRefusal(error)) refused.push(...part);
        }
      }
      if (isAnyTaken) for (const message of refused) fates.set(message, 'refused');
      return { fates, late };
    },
  };
}

function settle(fates: Map<QueueMessage, StoreFate>, part: Part, fresh: ReadonlySet<string>): void {
  const counted = new Set<string>();
  for (const message of part) {
    // A report that is in a batch twice is counted with its first message.
    const isFresh = fresh.has(message.id) && !counted.has(message.id);
    counted.add(message.id);
    fates.set(message, isFresh ? 'stored' : 'resent');
  }
}

/** What the statement itself is refused for: too big, against a constraint, not readable. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    /SQLITE_(?:TOOBIG|CONSTRAINT|MISMATCH)|too big|malformed JSON/i.test(error.message)
  );
}

function halve(part: Part): readonly Part[] {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}
