import * as v from 'valibot';
import { envelope } from '../../../contract/report/allowlist.ts';
import { eventNames } from '../../../contract/report/lists.ts';

/**
 * What is accepted at the door, looser than the allowlist: reports of every published client and
 * of clients to come. Unknown fields end here; a value outside the lists becomes `other` or goes.
 * What is kept of an event is decided in keep-props.ts, by the allowlist itself.
 */

// Schema 2 has ids of any version and case. They are compared and hashed in lower case.
const uuid = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i),
  v.toLowerCase(),
);

const { codegraph_version, os, arch, node_major, ci } = envelope.entries;

/** Envelope of schema 2, 3 and what may follow. Only `machine_id` and `events` are needed. */
const receivedReport = v.object({
  machine_id: uuid,
  codegraph_version: v.fallback(codegraph_version, 'other'),
  os: v.fallback(os, 'other'),
  arch: v.fallback(arch, 'other'),
  node_major: v.fallback(v.optional(node_major), undefined),
  ci: v.fallback(v.optional(ci), undefined),
  schema_version: v.fallback(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99))),
    undefined,
  ),
  batch_id: v.fallback(v.optional(uuid), undefined),
  events: v.array(v.unknown()),
});
export type ReceivedReport = v.InferOutput<typeof receivedReport>;

const receivedEvent = v.object({
  event: v.picklist(eventNames),
  ts: v.fallback(v.optional(v.pipe(v.string(), v.maxLength(40))), undefined),
  event_id: v.fallback(v.optional(uuid), undefined),
  // Whatever is in it: keep-props.ts takes from it by name.
  props: v.fallback(v.looseObject({}), {}),
});
export type ReceivedEvent = v.InferOutput<typeof receivedEvent>;

export type ReportReading =
  | { readonly ok: true; readonly report: ReceivedReport }
  | { readonly ok: false; readonly reason: 'not_json' | 'bad_envelope' };

/** Reads a body's text as a report. */
export function readReport(text: string): ReportReading {
  const json = parseJson(text);
  if (!json.ok) return { ok: false, reason: 'not_json' };
  const result = v.safeParse(receivedReport, json.value, { abortEarly: true });
  return result.success
    ? { ok: true, report: result.output }
    : { ok: false, reason: 'bad_envelope' };
}

/** Reads one member of `events`; undefined when it is no event that we know. */
export function readEvent(value: unknown): ReceivedEvent | undefined {
  const result = v.safeParse(receivedEvent, value, { abortEarly: true });
  return result.success ? result.output : undefined;
}

function parseJson(text: string): { readonly ok: true; readonly value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    // JSON.parse says "not JSON" only by throwing.
    return { ok: false };
  }
}
