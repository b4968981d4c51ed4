import { on, once } from 'node:events';
import * as v from 'valibot';
import type { RunningIngest } from './start-ingest.ts';

const isolates = v.array(v.object({ id: v.string(), webSocketDebuggerUrl: v.string() }));
const reply = v.object({
  id: v.number(),
  result: v.object({ usedSize: v.optional(v.number()) }),
});

// An isolate answers within milliseconds, one that is busy within a second.
const timeoutMs = 20_000;

/**
 * Megabytes of JavaScript that the ingest's isolate holds on to, after a collection. Asks V8's
 * inspector, so that what the emulators in the same process hold is not in it.
 *
 * @throws Error when the ingest was not started for inspection, or does not answer in time.
 */
export async function readHeapMb({ url, inspectorUrl }: RunningIngest): Promise<number> {
  const response = await fetch(`http://${inspectorUrl?.host}/json`);
  const isolate = v.parse(isolates, await response.json()).find(({ id }) => id.includes(':user:'));
  if (isolate === undefined) throw new Error('the ingest is not among the isolates');
  const socket = new WebSocket(isolate.webSocketDebuggerUrl);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await once(socket, 'open', { signal });
    const ask = (id: number, method: string): void => socket.send(JSON.stringify({ id, method }));
    ask(1, 'HeapProfiler.collectGarbage');
    ask(2, 'Runtime.getHeapUsage');
    let isCollected = false;
    const replies = on(socket, 'message', { signal }) as AsyncIterable<[{ readonly data: string }]>;
    for await (const [{ data }] of replies) {
      const { id, result } = v.parse(reply, JSON.parse(data));
      if (id === 1) isCollected = true;
      if (isCollected && result.usedSize !== undefined) return result.usedSize / 2 ** 20;
      // An idle isolate does not collect: give it something to do.
      await (await fetch(url, { signal })).text();
      ask(2, 'Runtime.getHeapUsage');
    }
    throw new Error('the inspector ended');
  } finally {
    socket.close();
  }
}
