import type { DayNumber } from '../../../contract/day.ts';
import type { Outcome } from './answers.ts';
import { freezeReport } from '../forward/freeze.ts';
import type { KeyedIds } from '../forward/keyed-ids.ts';
import { bodyTimeoutMs, maxBodyBytes } from '../limits.ts';
import { logReason } from '../log.ts';
import { writeMessage, type QueueMessage } from './message.ts';
import { readBody } from './read-body.ts';
import { readReport, type ReceivedReport } from './received.ts';
import type { RequestView } from './request-view.ts';
import type { Tally } from '../forward/tally.ts';

/** What step 9 needs of the world. */
export interface IngestServices {
  readonly today: DayNumber;
  readonly ids: KeyedIds;
  readonly tally: Tally;
  /** The breaker: false when this location has more than it can bear. */
  readonly hasCapacity: () => Promise<boolean>;
  /** The kill switch: whether clients of this version are told to stop for good. */
  readonly isGone: (report: ReceivedReport) => boolean;
  readonly isWithinRate: (machineId: string) => Promise<boolean>;
  /** Resolves when the message is stored; rejects when it is not. */
  readonly enqueue: (message: QueueMessage) => Promise<void>;
}

/** Step 9: one POST body in, one queue message out. Says `accepted` only for what is stored. */
export async function ingest(request: RequestView, services: IngestServices): Promise<Outcome> {
  services.tally.add('received');
  const outcome = await decide(request, services);
  services.tally.add(outcome === 'accepted' ? 'accepted' : `refused_${outcome}`);
  return outcome;
}

async function decide(request: RequestView, services: IngestServices): Promise<Outcome> {
  // A compressed body could be a thousand times what it seems.
  if (request.contentEncoding !== null) return 'content_encoding';
  // Other types can be posted from any web page without asking; this one cannot.
  if (!isJson(request.contentType)) return 'content_type';
  if (!(await services.hasCapacity())) return 'overload';
  const body = await readBody(request.body, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs });
  if (!body.ok) return body.reason;
  const reading = readReport(body.text);
  if (!reading.ok) return reading.reason;
  if (services.isGone(reading.report)) return 'gone';
  if (!(await services.isWithinRate(reading.report.machine_id))) return 'rate';
  return keep(reading.report, services);
}

function isJson(contentType: string | null): boolean {
  return /^application\/json *(?:;|$)/i.test(contentType ?? '');
}

async function keep(report: ReceivedReport, services: IngestServices): Promise<Outcome> {
  const { ids, tally, today } = services;
  const { id, events, sums } = await freezeReport(report, ids, today);
  tally.addAll(sums);
  if (events.length === 0) return 'accepted';
  // What this isolate has counted goes along, so that counting costs no write of its own.
  const carried = tally.take();
  try {
    await services.enqueue(writeMessage({ id, events, sums: carried }));
    return 'accepted';
  } catch {
    // Whatever the queue says: the report is not stored, and its sender must keep it.
    tally.addAll(carried);
    logReason('queue_refused');
    return 'queue';
  }
}
