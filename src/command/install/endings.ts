import type { Ending } from '../run-engine.ts';

// What a shell shows for Ctrl-C. The engine's own installer says 0 there, which scripts take for done.
const cancelled = 130;

/** An ending that no engine was needed for. */
function endingWith(code: number): Ending {
  return { code, signal: undefined, wasSignalled: false };
}

/** The ending of whoever gave up: nothing was done. */
export function giveUp(): Ending {
  return endingWith(cancelled);
}

/** Says on stderr why nothing was done. */
export function refuse(reason: string): Ending {
  process.stderr.write(`codegraph: ${reason}\n`);
  return endingWith(1);
}
