import { expect, it } from 'vitest';
import { dataDir } from './paths.ts';
import { day, second } from './scenes.ts';
import { loadSimulator } from './simulate.ts';
import type { Part, Step, Stop } from './steps.ts';

/** What a process does that is killed before each of its calls, and what came before it. */
interface Scene {
  readonly name: string;
  readonly before: readonly Step[];
  readonly part: Part;
  readonly thread: Stop['thread'];
}

const flush: Part = ['flush and wait'];
const oneDayOld: readonly Step[] = [
  { does: 'run', part: ['count'] },
  { does: 'pass', ms: day },
];
// Killed with its report on the way; then its lock is stale, and its claim final.
const flusherKilled: readonly Step[] = [
  ...oneDayOld,
  {
    does: 'stop',
    part: flush,
    at: { thread: 'sender', count: 1, of: 'POST' },
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
    part: flush,
    thread: 'sender',
  },
];

const visit: readonly Step[] = [{ does: 'run', part: ['count', 'flush and wait', 'count'] }];

it('loses and doubles nothing when a process is killed before any of its calls', async () => {
  const simulate = await loadSimulator();
  const crashPoints = new Set<string>();
  const problems: string[] = [];
  for (const { name, before, part, thread } of scenes) {
    for (const meanwhile of [[], visit]) {
      for (let count = 0; ; count++) {
        const at: Stop = { thread, count, of: 'calls' };
        const stop: Step = { does: 'stop', part, at, meanwhile, ending: 'is killed' };
        const outcome = await simulate({ hazards: ['kill'], steps: [...before, stop] });
        const point = outcome.killedBefore[before === flusherKilled ? 1 : 0];
        // It was through with its work.
        if (point === undefined || point === 'its end') break;
        crashPoints.add(`${thread}: ${nameOf(point)}`);
        problems.push(...outcome.problems.map((each) => `${name}, before ${point}: ${each}`));
      }
    }
  }

  expect(problems).toEqual([]);
  // Each of them was seen: a call that the simulator does not know of would be missing.
  expect([...crashPoints]).toEqual(expect.arrayContaining(changes));
});

const changes = [
  'main: mkdir telemetry',
  'main: open telemetry/buffer.msgpack',
  'main: write telemetry/buffer.msgpack',
  'main: go on to write telemetry/buffer.msgpack',
  'sender: open telemetry/lock',
  'sender: write telemetry/lock',
  'sender: rename telemetry/lock telemetry/lock.tmp',
  'sender: unlink telemetry/lock.tmp',
  'sender: utimes telemetry/lock',
  'sender: rename telemetry/buffer.msgpack telemetry/claim',
  'sender: open telemetry/ledger.json.tmp',
  'sender: write telemetry/ledger.json.tmp',
  'sender: fsync telemetry/ledger.json.tmp',
  'sender: rename telemetry/ledger.json.tmp telemetry/ledger.json',
  'sender: unlink telemetry/claim',
  'sender: POST',
  // The report has arrived, and its answer has not been looked at.
  'sender: arrival',
  'sender: open telemetry/receipts.jsonl.tmp',
  'sender: fsync telemetry/receipts.jsonl.tmp',
  'sender: rename telemetry/receipts.jsonl.tmp telemetry/receipts.jsonl',
  'sender: unlink telemetry/lock',
];

/** A call without what is random in its names. */
function nameOf(call: string): string {
  return call
    .replaceAll(`${dataDir}/`, '')
    .replaceAll(/claim-\w+/g, 'claim')
    .replaceAll(/\.\w{12}\.tmp/g, '.tmp');
}
