import { sendTimeoutMs } from '../limits.ts';

interface Address {
  readonly host: string;
  readonly key: string;
}

/**
 * What PostHog says to the key: 401 for one that it does not know in this region. `/batch/` answers 200
 * to any key of the right shape and drops its events later (PostHog/posthog#54670), so `/flags/` is asked,
 * which looks. 0 when nobody answers: the events themselves will tell.
 */
export async function askForKey({ host, key }: Address): Promise<number> {
  try {
    const response = await fetch(`${host}/flags/?v=2`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // No machine: an id of the ingest's own.
      body: JSON.stringify({ token: key, distinct_id: 'ingest' }),
      redirect: 'manual',
      signal: AbortSignal.timeout(sendTimeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}
