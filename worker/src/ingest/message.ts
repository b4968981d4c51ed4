import * as v from 'valibot';
import { eventNames } from '../../../contract/report/lists.ts';
import { tallyKeys, type Sums } from '../forward/tally.ts';

/** What travels through the queue, between two versions of the ingest at worst. */

// An event's properties: the allowlist has strings, numbers, booleans and lists of strings; `$ip`
// is null.
const property = v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(v.string())]);

const frozenEvent = v.strictObject({
  event: v.picklist(eventNames),
  uuid: v.string(),
  distinct_id: v.string(),
  timestamp: v.string(),
  properties: v.record(v.string(), property),
});

/** An event as PostHog gets it. It is finished: a redelivery is the same, byte for byte. */
export type FrozenEvent = Readonly<v.InferOutput<typeof frozenEvent>>;

const message = v.strictObject({
  // Version 1 has no weeks.
  m: v.picklist([1, 2]),
  /** The same for a resend of the same report. */
  id: v.string(),
  events: v.array(frozenEvent),
  /** By week, what stands for the machine in it, where that is not its events' distinct_id. */
  weeks: v.optional(v.record(v.string(), v.string()), {}),
  /** What the sender of this message had counted since its last one. */
  sums: v.record(v.string(), v.number()),
});

export interface QueueMessage {
  readonly m: 1 | 2;
  readonly id: string;
  readonly events: readonly FrozenEvent[];
  readonly weeks: Readonly<Record<string, string>>;
  readonly sums: Sums;
}

export function writeMessage(content: Omit<QueueMessage, 'm'>): QueueMessage {
  return { m: 2, ...content };
}

/** Undefined for a message of another version, or none of ours. */
export function readMessage(body: unknown): QueueMessage | undefined {
  const result = v.safeParse(message, body, { abortEarly: true });
  if (!result.success) return undefined;
  return { ...result.output, sums: pickSums(result.output.sums) };
}

function pickSums(sums: Readonly<Record<string, number>>): Sums {
  return Object.fromEntries(tallyKeys.map((key) => [key, sums[key] ?? 0]));
}
