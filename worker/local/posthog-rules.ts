import * as v from 'valibot';

/** PostHog's rules for `/batch/`, as far as the ingest meets them: all or nothing. */
const batch = v.object({
  api_key: v.pipe(v.string(), v.startsWith('phc_')),
  batch: v.pipe(
    v.array(
      v.looseObject({
        event: v.string(),
        uuid: v.pipe(v.string(), v.uuid()),
        distinct_id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
        timestamp: v.pipe(v.string(), v.isoTimestamp()),
        properties: v.record(v.string(), v.unknown()),
      }),
    ),
    v.minLength(1),
  ),
});

export type StandInEvent = v.InferOutput<typeof batch>['batch'][number];

type Checked =
  | { readonly ok: true; readonly status: 200; readonly events: readonly StandInEvent[] }
  | { readonly ok: false; readonly status: 400 | 401 | 404 | 413 };

// PostHog's own bound for one request.
const maxBatchBytes = 20 * 1024 * 1024;

/** What PostHog would say to a request. */
export function checkBatch(path: string, body: string): Checked {
  if (path !== '/batch/') return { ok: false, status: 404 };
  if (body.length > maxBatchBytes) return { ok: false, status: 413 };
  const result = v.safeParse(batch, parseJson(body));
  if (result.success) return { ok: true, status: 200, events: result.output.batch };
  const isKeyBad = result.issues.some((issue) => v.getDotPath(issue) === 'api_key');
  return { ok: false, status: isKeyBad ? 401 : 400 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: no batch either.
    return undefined;
  }
}
