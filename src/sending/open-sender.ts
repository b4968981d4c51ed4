import type { Sender } from './sender.ts';
import { whyNoThread } from './thread-room.ts';

// What takes the longest, 2 to 5 ms each, of what the pool has Node load.
const slowModules = ['node:worker_threads', 'node:perf_hooks', 'node:assert'];

/**
 * Loads the pool and starts the sender thread, each step in a turn of its own: in one go they take
 * over 20 ms, for which an MCP server would answer nobody. The process stays for these turns, as for
 * any module that loads. Rejects when the package has lost a file, and where there is no room.
 */
export async function openSender(dataDir: string, thread?: string | URL): Promise<Sender> {
  // Before anything is loaded: even to read a module, Node starts threads of its own.
  const reason = whyNoThread(dataDir);
  if (reason !== undefined) throw new Error(reason);
  for (const name of slowModules) {
    await nextTurn();
    process.getBuiltinModule(name);
  }
  await nextTurn();
  const { Sender } = await import('./sender.ts');
  await nextTurn();
  return new Sender(thread);
}

/** Resolves when the event loop has been around once, and has seen to what had come in. */
async function nextTurn(): Promise<void> {
  // The first may be called in the round that is under way, the second is not.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
