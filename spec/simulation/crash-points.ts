import { dataDir } from './paths.ts';
import { day, second } from './scenes.ts';
import type { Simulate } from './simulate.ts';
import type { Part, Step, Stop } from './steps.ts';

/** What a process does that is killed before each of its calls, and what came before it. */
interface Scene {
  readonly name: string;
  readonly before: readonly Step[];
  readonly part: Part;
  readonly thread: Stop['thread'];
}

const flush = ['flush and wait'] as const;
const oneDayOld: readonly Step[] = [
  { does: 'run', part: ['count'] },
  { does: 'pass', ms: day },
];
// Killed before its ledger was there; then its lock is stale, and what it claimed is final.
const flusherKilled: readonly Step[] = [
  ...oneDayOld,
  {
    does: 'stop',
    part: flush,
    at: { thread: 'sender', count: 1, of: 'rename' },
    meanwhile: [],
    ending: 'is killed',
  },
  { does: 'pass', ms: 130 * second },
];

const scenes: readonly Scene[] = [
  { name: 'an append', before: [], part: ['count'], thread: 'main' },
  { name: 'a flush', before: oneDayOld, part: flush, thread: 'sender' },
  {
    name: 'a flush after one that was killed',
    before: flusherKilled,
    // Where there is no ledger yet, nobody comes for a claim alone.
    part: ['count', ...flush],
    thread: 'sender',
  },
];

const visit: readonly Step[] = [{ does: 'run', part: ['count', 'flush and wait', 'count'] }];

/**
 * Kills the process of each scene before each of its calls, alone and after another process has
 * counted and flushed in the meantime. Where it can be killed, and what is wrong after that.
 */
export async function killAtEachCall(simulate: Simulate): Promise<{
  readonly crashPoints: ReadonlySet<string>;
  readonly problems: readonly string[];
}> {
  const crashPoints = new Set<string>();
  const problems: string[] = [];
  for (const { name, before, part, thread } of scenes) {
    for (const meanwhile of [[], visit]) {
      for (let count = 0; ; count++) {
        const at: Stop = { thread, count, of: 'calls' };
        const stop: Step = { does: 'stop', part, at, meanwhile, ending: 'is killed' };
        const outcome = await simulate({ hazards: ['kill'], steps: [...before, stop] });
        const point = outcome.killedBefore[before === flusherKilled ? 1 : 0];
        problems.push(...outcome.problems.map((each) => `${name}, before ${point}: ${each}`));
        // It was through with its work.
        if (point === undefined || point === 'its end') break;
        crashPoints.add(`${thread}: ${nameOf(point)}`);
      }
    }
  }
  return { crashPoints, problems };
}

/** A call without what is random in its names. */
function nameOf(call: string): string {
  return call
    .replaceAll(`${dataDir}/`, '')
    .replaceAll(/claim-\w+/g, 'claim')
    .replaceAll(/\.\w{12}\.tmp/g, '.tmp');
}
