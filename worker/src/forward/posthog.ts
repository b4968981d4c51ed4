import { sendTimeoutMs } from '../limits.ts';
import type { FrozenEvent } from '../ingest/message.ts';

/** Where events go in the end. PostHog is one; another takes its place by this interface. */
export interface Sink {
  /** Sends some events as one. Never throws; says what became of all of them. */
  readonly send: (events: readonly FrozenEvent[]) => Promise<SinkAnswer>;
}

export type SinkAnswer =
  | { readonly kind: 'accepted' }
  /** Something in it is bad; nothing was taken. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'unavailable'; readonly retryAfterS: number }
  /** No key, wrong key, wrong host: a person must look. */
  | { readonly kind: 'misconfigured' };

interface PostHogAddress {
  readonly host: string;
  readonly key: string;
  /** How long an answer may take. */
  readonly timeoutMs?: number;
}

/**
 * PostHog's capture API (`/batch/`, version 0): all or nothing for one request. No `sent_at` goes
 * along, as PostHog would shift each event's day by the clock skew of each attempt. What it takes
 * beyond its quota it drops, and still says 200: only its own figures can tell.
 */
export function openPostHog({ host, key, timeoutMs = sendTimeoutMs }: PostHogAddress): Sink {
  return {
    send: async (events) => {
      const body = await gzip(JSON.stringify({ api_key: key, batch: events }));
      try {
        const response = await fetch(`${host}/batch/`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
          body,
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
        });
        await response.body?.cancel();
        return classify(response.status, response.headers.get('retry-after'));
      } catch {
        // No connection, or no answer in time: it may or may not have arrived, so send it again.
        return { kind: 'unavailable', retryAfterS: 0 };
      }
    },
  };
}

function classify(status: number, retryAfter: string | null): SinkAnswer {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status === 400) return { kind: 'refused' };
  if (status === 413) return { kind: 'too_large' };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: 'unavailable', retryAfterS: readRetryAfter(retryAfter, Date.now()) };
  }
  return { kind: 'misconfigured' };
}

/** Seconds to wait by a `retry-after`, which is a number or a date; 0 when there is none. */
export function readRetryAfter(value: string | null, now: number): number {
  if (value === null) return 0;
  const seconds = /^\d{1,9}$/.test(value.trim())
    ? Number(value)
    : Math.ceil((Date.parse(value) - now) / 1000);
  return seconds > 0 ? seconds : 0;
}

async function gzip(text: string): Promise<ArrayBuffer> {
  const plain = new Blob([text]).stream();
  return new Response(plain.pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
}
