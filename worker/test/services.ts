import { parseDay, type DayNumber } from '../../contract/day.ts';
import type { IngestServices } from '../src/ingest/ingest.ts';
import { openKeyedIds } from '../src/forward/keyed-ids.ts';
import type { QueueMessage } from '../src/ingest/message.ts';
import { Tally } from '../src/forward/tally.ts';

/** The day on which the vectors are received. */
export const vectorDay = dayNamed('2026-11-23');

export function dayNamed(text: string): DayNumber {
  const day = parseDay(text);
  if (day === undefined) throw new RangeError(`no day: ${text}`);
  return day;
}

export interface TestServices extends IngestServices {
  /** What was put into the queue. */
  readonly messages: readonly QueueMessage[];
}

/** Services without limits, whose queue is a list. */
export async function openTestServices(
  replaced: Partial<IngestServices> = {},
): Promise<TestServices> {
  const messages: QueueMessage[] = [];
  return {
    today: vectorDay,
    ids: await openKeyedIds({ uuidKey: 'u'.repeat(32), distinctKey: 'd'.repeat(32) }),
    tally: new Tally(),
    hasCapacity: async () => true,
    hasRoomForBad: async () => true,
    keepTally: () => {},
    isGone: () => false,
    isWithinRate: async () => true,
    drawDelayS: () => 0,
    enqueue: async (message) => {
      messages.push(message);
    },
    ...replaced,
    messages,
  };
}
