import { once } from 'node:events';
import * as v from 'valibot';

const isolates = v.array(v.object({ id: v.string(), webSocketDebuggerUrl: v.string() }));
const usage = v.object({ result: v.object({ usedSize: v.number() }) });

/**
 * Megabytes of JavaScript that an isolate holds on to, after a collection. Asks V8's inspector, so
 * that what the emulators in the same process hold is not in it.
 *
 * @throws Error when no isolate of that name is listed, or the inspector says something else.
 */
export async function readHeapMb(inspectorUrl: URL, name: string): Promise<number> {
  const response = await fetch(`http://${inspectorUrl.host}/json`);
  const isolate = v.parse(isolates, await response.json()).find(({ id }) => id === name);
  if (isolate === undefined) throw new Error(`no isolate named ${name}`);
  const socket = new WebSocket(isolate.webSocketDebuggerUrl);
  try {
    await once(socket, 'open');
    await ask(socket, 'HeapProfiler.collectGarbage');
    const { result } = v.parse(usage, await ask(socket, 'Runtime.getHeapUsage'));
    return result.usedSize / 2 ** 20;
  } finally {
    socket.close();
  }
}

/** The answer to one command; nothing else is asked meanwhile. */
async function ask(socket: WebSocket, method: string): Promise<unknown> {
  socket.send(JSON.stringify({ id: 1, method }));
  const [{ data }]: { readonly data: string }[] = await once(socket, 'message');
  return JSON.parse(data);
}
