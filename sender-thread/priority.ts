import { constants, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';

/**
 * Has this thread give way to everything else on the machine. On Linux alone: elsewhere a priority
 * belongs to the whole process, which is the host's, and cannot be taken back.
 */
export function lowerPriority(): void {
  if (process.platform !== 'linux' || isMainThread) return;
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // Where it may not, it takes its turn like any other.
  }
}
