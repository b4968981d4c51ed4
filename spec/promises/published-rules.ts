import * as v from 'valibot';

/**
 * The rules of the ingest that the published client reports to, as its code was when it was
 * proposed; what runs today is not public. Written out here on purpose, with nothing of ours in it.
 */

const token = (maxLength: number): v.GenericSchema<string> =>
  v.pipe(v.string(), v.regex(/^[\w.:+-]+$/), v.maxLength(maxLength));
const label = (maxLength: number): v.GenericSchema<string> =>
  v.pipe(v.string(), v.regex(/^[\w.:+\- /@()]+$/), v.maxLength(maxLength));
const wholeUpTo = (max: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));
// One bad item, or one too many, and the whole list goes.
const listOf = (maxLength: number): v.GenericSchema<string[]> =>
  v.pipe(v.array(token(24)), v.maxLength(maxLength));

const usage = {
  kind: v.picklist(['cli_command', 'mcp_tool']),
  name: token(64),
  count: wholeUpTo(1_000_000),
  error_count: wholeUpTo(1_000_000),
  client_name: v.optional(label(64)),
  client_version: v.optional(label(32)),
};
const index = {
  languages: listOf(32),
  file_count_bucket: v.picklist(['<100', '100-1k', '1k-10k', '10k+']),
  duration_bucket: v.picklist(['<10s', '10-60s', '1-5m', '5m+']),
};
const install = {
  targets: listOf(12),
  scope: v.picklist(['global', 'local']),
  kind: v.picklist(['fresh', 'upgrade', 'reinstall']),
};

const event = v.variant('event', [
  v.object({ event: v.literal('usage_rollup'), ts: v.string(), props: v.strictObject(usage) }),
  v.object({ event: v.literal('index'), ts: v.string(), props: v.strictObject(index) }),
  v.object({ event: v.literal('install'), ts: v.string(), props: v.strictObject(install) }),
  v.object({
    event: v.literal('uninstall'),
    ts: v.string(),
    props: v.strictObject({ targets: v.optional(listOf(12)) }),
  }),
]);

const envelope = v.object({
  machine_id: v.pipe(v.string(), v.regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i)),
  events: v.array(v.unknown()),
});

// What of a report is kept as it is. Ids of reports and events are news to that ingest: left out.
const kept = v.object({
  ...envelope.entries,
  codegraph_version: token(32),
  os: token(16),
  arch: token(16),
  node_major: wholeUpTo(99),
  ci: v.boolean(),
  schema_version: wholeUpTo(99),
  events: v.pipe(v.array(event), v.maxLength(100)),
});

export interface PublishedRequest {
  readonly method: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Verdict {
  readonly status: number;
  /** Where it would drop or leave out something of the body, as `events.0.props.name`. */
  readonly losses: readonly string[];
}

const maxBytes = 65_536;

/** What the published ingest would make of a request. */
export function judge({ method, headers, body }: PublishedRequest): Verdict {
  const refuse = (status: number): Verdict => ({ status, losses: ['everything'] });
  if (method !== 'POST') return refuse(405);
  const length = Number(headers['content-length']);
  if (!(length > 0)) return refuse(411);
  if (length > maxBytes || body.length > maxBytes) return refuse(413);
  const json: unknown = parseJson(body);
  if (!v.is(envelope, json)) return refuse(400);
  const { issues = [] } = v.safeParse(kept, json);
  return { status: 204, losses: issues.map((issue) => v.getDotPath(issue) ?? 'everything') };
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The UTC day that it would book an event on: that of the receipt when it does not trust the time. */
export function bookedDay(ts: string, now: number): string {
  const time = Date.parse(ts);
  const isTrusted = time <= now + 10 * minuteMs && time >= now - 30 * dayMs;
  return new Date(isTrusted ? time : now).toISOString().slice(0, 10);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse says "not JSON" only by throwing.
    return undefined;
  }
}
