import { overloadRetryAfterS, rateRetryAfterS } from '../limits.ts';

/** What can become of a report at the door. */
export type Outcome = 'accepted' | Refusal;
export type Refusal =
  | 'content_encoding'
  | 'content_type'
  | 'overload'
  | 'too_long'
  | 'too_slow'
  | 'broken_off'
  | 'not_utf8'
  | 'not_json'
  | 'bad_envelope'
  | 'gone'
  | 'rate'
  | 'queue';

interface Answer {
  readonly status: number;
  readonly retryAfterS?: number;
}

// 410: the client stops for good. Other 4xx but 408 and 429: it deletes the report. 408, 429, 503:
// it keeps it for later.
const answers: Readonly<Record<Outcome, Answer>> = {
  accepted: { status: 204 },
  content_encoding: { status: 415 },
  content_type: { status: 415 },
  overload: { status: 503, retryAfterS: overloadRetryAfterS },
  too_long: { status: 413 },
  too_slow: { status: 408 },
  broken_off: { status: 408 },
  not_utf8: { status: 400 },
  not_json: { status: 400 },
  bad_envelope: { status: 400 },
  gone: { status: 410 },
  rate: { status: 429, retryAfterS: rateRetryAfterS },
  queue: { status: 503, retryAfterS: overloadRetryAfterS },
};

/** The answer to a report: a status and no body, so that nothing in it could steer a client. */
export function answerReport(outcome: Outcome): Response {
  const { status, retryAfterS } = answers[outcome];
  const headers = new Headers({ 'cache-control': 'no-store' });
  if (retryAfterS !== undefined) headers.set('retry-after', String(retryAfterS));
  return new Response(null, { status, headers });
}

/** For any method but those listed. */
export function answerMethod(allow: string): Response {
  return new Response(null, { status: 405, headers: { allow } });
}

export function answerNotFound(): Response {
  return new Response('Not found. GET / says what this is.\n', {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
}

/** A page that is the same for everybody. */
export function answerPage(text: string, contentType: string): Response {
  return new Response(text, {
    headers: {
      'content-type': contentType,
      'cache-control': 'public, max-age=3600',
      'x-content-type-options': 'nosniff',
    },
  });
}
