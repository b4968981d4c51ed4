import { formatMonth, type DayNumber } from '../../../contract/day.ts';
import type { Outcome } from './answers.ts';
import { freezeReport } from '../forward/freeze.ts';
import type { KeyedIds, MachineIds } from '../forward/keyed-ids.ts';
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
  /** The breaker, charged by readable reports alone: false when this location has too many. */
  readonly hasCapacity: () => Promise<boolean>;
  /** An own, small allowance of what cannot be read; beyond it nobody is told what is wrong. */
  readonly hasRoomForBad: () => Promise<boolean>;
  /** The kill switch: whether clients of this version are told to stop for good. */
  readonly isGone: (report: ReceivedReport) => boolean;
  /** By a keyed hash of the machine, so that the limiter holds no id. */
  readonly isWithinRate: (machine: string) => Promise<boolean>;
  /** Sees to it that the tally is stored soon, also when no report follows that could carry it. */
  readonly keepTally: () => void;
  /** How long a report is held back: another time for each. */
  readonly drawDelayS: () => number;
  /** Resolves when the message is stored, to be delivered after the delay; rejects when it is not. */
  readonly enqueue: (message: QueueMessage, delayS: number) => Promise<void>;
}

/** Step 9: one POST body in, one queue message out. Says `accepted` only for what is stored. */
export async function ingest(request: RequestView, services: IngestServices): Promise<Outcome> {
  services.tally.add('received');
  const outcome = await decide(request, services);
  services.tally.add(outcome === 'accepted' ? 'accepted' : `refused_${outcome}`);
  if (outcome !== 'accepted') services.keepTally();
  return outcome;
}

async function decide(request: RequestView, services: IngestServices): Promise<Outcome> {
  // A compressed body could be a thousand times what it seems.
  if (request.contentEncoding !== null) return 'content_encoding';
  // Other types can be posted from any web page without asking; this one cannot.
  if (!isJson(request.contentType)) return 'content_type';
  const body = await readBody(request.body, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs });
  if (!body.ok) return (await services.hasRoomForBad()) ? body.reason : 'overload';
  const reading = readReport(body.text);
  if (!reading.ok) return (await services.hasRoomForBad()) ? reading.reason : 'overload';
  const { report } = reading;
  if (services.isGone(report)) return 'gone';
  const machine = await services.ids.ofMachine(report.machine_id);
  // The ingest's own report: its id comes from the key.
  if (report.machine_id === services.ids.canaryId) return keep(report, machine, 0, services);
  const limiterKey = await machine.distinctId(formatMonth(services.today));
  if (!(await services.isWithinRate(limiterKey))) return 'rate';
  if (!(await services.hasCapacity())) return 'overload';
  return keep(report, machine, services.drawDelayS(), services);
}

function isJson(contentType: string | null): boolean {
  return /^application\/json *(?:;|$)/i.test(contentType ?? '');
}

async function keep(
  report: ReceivedReport,
  machine: MachineIds,
  delayS: number,
  services: IngestServices,
): Promise<Outcome> {
  const { tally, today } = services;
  const { id, events, weeks, sums } = await freezeReport(report, machine, today);
  tally.addAll(sums);
  if (events.length === 0) return 'accepted';
  // What this isolate has counted goes along, so that counting costs no write of its own.
  const carried = tally.take();
  try {
    await services.enqueue(writeMessage({ id, events, weeks, sums: carried }), delayS);
    return 'accepted';
  } catch {
    // Whatever the queue says: the report is not stored, and its sender must keep it.
    tally.addAll(carried);
    logReason('queue_refused');
    return 'queue';
  }
}
