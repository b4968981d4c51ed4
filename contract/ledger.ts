import * as v from 'valibot';
import { indexProps, installProps, uninstallProps, usageProps, uuid } from './report/allowlist.ts';
import { maxReportBytes } from './limits.ts';

/**
 * The ledger: what the sender thread has counted together and not yet got rid of. Readable JSON,
 * so that a user can open it; written only by the sandbox, committed only by rename.
 */

const naturalNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
const day = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/));
const instant = v.pipe(v.string(), v.isoTimestamp());

/** A lifecycle event that waits to be sealed. */
export const openEvent = v.variant('event', [
  v.strictObject({ event: v.literal('install'), props: installProps }),
  v.strictObject({ event: v.literal('index'), props: indexProps }),
  v.strictObject({ event: v.literal('uninstall'), props: uninstallProps }),
]);

const openDay = v.strictObject({ usage: v.array(usageProps), events: v.array(openEvent) });
export type OpenDay = v.InferOutput<typeof openDay>;

const sealedReport = v.strictObject({
  batch_id: v.string(),
  /** Day of its oldest event: it expires with that. */
  day,
  /** When it last left without an answer; it may have arrived, and is sent again under the same ids. */
  sent_at: v.nullable(instant),
  /** The exact POST body. */
  body: v.pipe(v.string(), v.maxLength(maxReportBytes)),
});
export type LedgerReport = v.InferOutput<typeof sealedReport>;

/** How a flush ended; `status` puts each into words. */
export const flushOutcomes = [
  'sent',
  'nothing-to-send',
  'waiting',
  'unreachable',
  'unanswered',
  'postponed',
  'refused',
  'stopped',
] as const;
export type FlushOutcome = (typeof flushOutcomes)[number];

/** The code of a system's or a certificate's error, such as ECONNREFUSED. */
export const errorCodePattern = /^[A-Z][A-Z0-9_]{0,63}$/;

const sending = v.strictObject({
  /** Failed attempts in a row. An attempt counts as failed until its answer is here. */
  failures: naturalNumber,
  /** Nothing is sent before this instant; null when nothing is in the way. */
  not_before: v.nullable(instant),
  /** The ingest answered 410: this machine sends no more, unless its owner says off and on again. */
  stopped: v.boolean(),
  last_flush: v.nullable(
    v.strictObject({
      at: instant,
      outcome: v.picklist(flushOutcomes),
      /** The code of the network error. */
      reason: v.optional(v.pipe(v.string(), v.regex(errorCodePattern))),
    }),
  ),
});

/** What was counted and will not arrive, by reason. */
const lost = v.strictObject({
  /** Bytes of the buffer that were no whole frame. */
  damaged_bytes: naturalNumber,
  /** Counts that found the buffer or the ledger full. */
  no_room: naturalNumber,
  /** Counters and events that the allowlist does not know. */
  unlisted: naturalNumber,
  /** Counts and events of days too old or too far in the future. */
  out_of_date: naturalNumber,
  /** Reports that the ingest refused for good. */
  refused_reports: naturalNumber,
  /** Reports that waited longer than their data may be old, or than there was room for them. */
  expired_reports: naturalNumber,
});

const ledgerVersion = 1;

const ledgerSchema = v.strictObject({
  ledger_version: v.literal(ledgerVersion),
  /**
   * Minted at the first sealing of a month; null before. With another id nothing could leave. After
   * damage its id is null: nobody knows which it was, and none may be inherited a second time.
   */
  identity: v.nullable(
    v.strictObject({
      machine_id: v.nullable(uuid),
      month: v.string(),
      /** Of months whose last days may still be sealed. */
      earlier: v.optional(
        v.pipe(v.array(v.strictObject({ machine_id: uuid, month: v.string() })), v.maxLength(2)),
      ),
    }),
  ),
  days: v.record(day, openDay),
  /** The last two days on which a flush ran, by its own clock, newest first. */
  flush_days: v.pipe(v.array(day), v.maxLength(2)),
  reports: v.array(sealedReport),
  /** Claims that stand on disk and are counted already, up to this offset in bytes. */
  claims: v.record(v.string(), naturalNumber),
  sending,
  lost,
});
export type Ledger = v.InferOutput<typeof ledgerSchema>;

/** A ledger with nothing in it. */
export function emptyLedger(): Ledger {
  return {
    ledger_version: ledgerVersion,
    identity: null,
    days: {},
    flush_days: [],
    reports: [],
    claims: {},
    sending: { failures: 0, not_before: null, stopped: false, last_flush: null },
    lost: {
      damaged_bytes: 0,
      no_room: 0,
      unlisted: 0,
      out_of_date: 0,
      refused_reports: 0,
      expired_reports: 0,
    },
  };
}

/** What takes the place of a ledger that was damaged. */
export function ledgerAfterDamage(): Ledger {
  return { ...emptyLedger(), identity: { machine_id: null, month: '' } };
}

const newerLedger = v.object({ ledger_version: v.pipe(v.number(), v.minValue(ledgerVersion + 1)) });

/** Whether a newer version of this package wrote the text: an older one must leave it alone. */
export function isNewerLedger(text: string): boolean {
  try {
    return v.is(newerLedger, JSON.parse(text));
  } catch {
    // Not JSON: damage, whoever wrote it.
    return false;
  }
}

/** The ledger in a file's text; undefined when it is none. */
export function parseLedger(text: string): Ledger | undefined {
  try {
    const result = v.safeParse(ledgerSchema, JSON.parse(text), { abortEarly: true });
    return result.success ? result.output : undefined;
  } catch {
    // Not JSON, or nested too deeply: as unreadable as any other damage.
    return undefined;
  }
}

/** The text of a ledger, indented for the human who opens it. */
export function formatLedger(ledger: Ledger): string {
  return `${JSON.stringify(ledger, undefined, 1)}\n`;
}
