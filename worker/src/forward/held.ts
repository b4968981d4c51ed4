import type { QueueMessage } from '../ingest/message.ts';
import type { StoreFate } from '../statistics/store.ts';
import type { Fate } from './deliver.ts';

/** A message as the queue hands it over; `body` may be of another version of the ingest. */
export type Delivered = Pick<Message, 'body' | 'attempts' | 'ack' | 'retry'>;

/** A message that this version can read. */
export interface HeldMessage {
  readonly delivered: Delivered;
  readonly content: QueueMessage;
}

/** What became of a message at each sink; undefined at one that was not asked. */
export interface Outcome {
  readonly fates: readonly (Fate | undefined)[];
  readonly stored: StoreFate | undefined;
}

/** Whether nothing of a message need come again. */
export function isSettled({ fates, stored }: Outcome): boolean {
  return !fates.includes('later') && stored !== 'later';
}
