import * as v from 'valibot';

/**
 * PostHog's rules for `/batch/`, version 0, as far as the ingest meets them: all or nothing. As loose as
 * the real one. posthog-rules.test.ts names the source of each.
 */
const batch = v.object({
  api_key: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1),
    v.maxLength(64),
    // oxlint-disable-next-line no-control-regex -- what is not allowed is what is looked for
    v.regex(/^[\x01-\x7f]*$/),
    v.check((key) => !key.startsWith('phx_')),
  ),
  batch: v.pipe(
    v.array(
      v.looseObject({
        event: v.pipe(v.string(), v.minLength(1)),
        uuid: v.optional(v.pipe(v.string(), v.uuid())),
        distinct_id: v.pipe(v.string(), v.minLength(1)),
        timestamp: v.optional(v.string()),
        properties: v.optional(v.record(v.string(), v.unknown()), {}),
      }),
    ),
    v.minLength(1),
  ),
});

export interface StandInEvent {
  readonly event: string;
  readonly uuid: string;
  readonly distinct_id: string;
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

type Checked =
  | {
      readonly ok: true;
      readonly status: 200;
      readonly key: string;
      readonly events: readonly StandInEvent[];
    }
  | { readonly ok: false; readonly status: 400 | 401 | 404 | 413 };

// PostHog's own bound for one request.
const maxBatchBytes = 20 * 1024 * 1024;

// What is longer is cut, and counts as another machine's no more.
const maxDistinctIdLength = 200;

/** What PostHog would say to a request. */
export function checkBatch(path: string, body: string): Checked {
  if (path !== '/batch/') return { ok: false, status: 404 };
  if (body.length > maxBatchBytes) return { ok: false, status: 413 };
  const result = v.safeParse(batch, parseJson(body));
  if (result.success) {
    const { api_key: key, batch: events } = result.output;
    return { ok: true, status: 200, key, events: events.map(normalize) };
  }
  const isKeyBad = result.issues.some((issue) => v.getDotPath(issue) === 'api_key');
  return { ok: false, status: isKeyBad ? 401 : 400 };
}

/** It makes up what is left out, so that such an event is never recognized again. */
function normalize({
  event,
  uuid = crypto.randomUUID(),
  distinct_id,
  timestamp = new Date().toISOString(),
  properties,
}: v.InferOutput<typeof batch>['batch'][number]): StandInEvent {
  const cut = distinct_id.slice(0, maxDistinctIdLength);
  return { event, uuid, distinct_id: cut, timestamp, properties };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: no batch either.
    return undefined;
  }
}
