import type { FlushResult } from '../../contract/flush.ts';
import { hookExit } from '../counting/exit-hooks.ts';

/**
 * Resolves as `flushed` does, or with `waiting` when the process has nothing left to do: a promise that
 * stays open then ends it with exit code 13. The flush itself goes on, or is left for the next process.
 */
export async function untilIdle(flushed: Promise<FlushResult>): Promise<FlushResult> {
  let unhook: (() => void) | undefined;
  const idle = new Promise<FlushResult>((resolve) => {
    const onIdle = (): void => {
      resolve({ outcome: 'waiting', sentReports: 0, sentEvents: 0 });
    };
    unhook = hookExit({ onIdle });
  });
  try {
    return await Promise.race([flushed, idle]);
  } finally {
    unhook?.();
  }
}
