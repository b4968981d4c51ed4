import { existsSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import type { ConsentPaths } from '../../contract/consent.ts';
import { spoolFolder } from '../../contract/files.ts';
import { framesIn } from '../../spec/support/buffer.ts';
import { choose } from '../../spec/support/flushes.ts';
import { frameOf, queries } from '../../spec/support/frames.ts';
import { noon } from '../../spec/support/requests.ts';
import { temporaryPaths } from '../../spec/support/home.ts';
import { ConsentWatch } from '../consent/watch.ts';
import type { LifecycleFacts } from './lifecycle.ts';
import { Recorder } from './recorder.ts';

const today = 20_780;
const ends = ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM'] as const;
const index: LifecycleFacts['index'] = { languages: ['go'], fileCount: 1, durationMs: 1 };
const indexEvent = [
  'index',
  { languages: ['go'], file_count_bucket: '<100', duration_bucket: '<10s' },
];

interface Clock {
  day: number;
}

/** A recorder on a machine of its own, closed when the test is over. */
function open(
  choice: object,
  clock: Clock = { day: today },
): { paths: ConsentPaths; recorder: Recorder } {
  const paths = temporaryPaths();
  choose(paths, choice);
  const overrides = { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false };
  const recorder = new Recorder(
    new ConsentWatch(overrides, paths),
    () => noon(clock.day),
    () => {},
  );
  onTestFinished(() => {
    recorder.close();
  });
  return { paths, recorder };
}

function query(recorder: Recorder): void {
  recorder.count('cli_command', 'query', false, undefined);
}

function listeners(): readonly number[] {
  return ends.map((event) => process.listenerCount(event));
}

async function twoTurns(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await setImmediate();
}

const yes = { enabled: true };
const no = { enabled: false };

describe('off', () => {
  it('counts nothing, makes no folder, and hooks nothing', () => {
    const before = listeners();
    const { paths, recorder } = open(no);
    query(recorder);
    recorder.record('index', index);
    recorder.persist();
    expect(listeners()).toEqual(before);
    recorder.close();
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });

  test.each<[what: string, choice: object | undefined]>([
    ['by the owner', no],
    ['by a broken file', { enabled: 'maybe' }],
  ])('after a count, writes none of it: %s', (_, choice) => {
    const { paths, recorder } = open(yes);
    query(recorder);
    choose(paths, choice ?? yes);
    recorder.persist();
    expect(existsSync(join(paths.dataDir, spoolFolder))).toBe(false);
    choose(paths, yes);
    recorder.close();
    expect(framesIn(paths.dataDir)).toEqual([]);
  });

  it('and on again in between, writes nothing from before', () => {
    const { paths, recorder } = open(yes);
    query(recorder);
    choose(paths, { ...yes, generation: 1 });
    recorder.close();
    expect(framesIn(paths.dataDir)).toEqual([]);
    query(recorder);
    recorder.close();
    expect(framesIn(paths.dataDir)).toEqual([frameOf(today, [queries(1)])]);
  });

  it('and then on, counts from then on', () => {
    const { paths, recorder } = open(no);
    query(recorder);
    recorder.close();
    choose(paths, yes);
    query(recorder);
    recorder.close();
    expect(framesIn(paths.dataDir)).toEqual([frameOf(today, [queries(1)])]);
  });
});

describe('persist', () => {
  it('writes one frame of what was counted, and the next only what came after', () => {
    const { paths, recorder } = open(yes);
    query(recorder);
    query(recorder);
    recorder.record('index', index);
    recorder.persist();
    recorder.persist();
    recorder.count('mcp_tool', 'codegraph_node', true, { name: 'Zed', version: '1.2.3' });
    recorder.persist();
    expect(framesIn(paths.dataDir)).toEqual([
      frameOf(today, [queries(2)], { events: [indexEvent] as never }),
      frameOf(today, [[1, 'codegraph_node', 1, 1, 'zed', '1.2']]),
    ]);
  });

  it('writes nothing of nothing', () => {
    const { paths, recorder } = open(yes);
    recorder.persist();
    expect(existsSync(join(paths.dataDir, spoolFolder))).toBe(false);
  });

  it('that fails throws nothing, and keeps the counts for the next', () => {
    const { paths, recorder } = open(yes);
    const spool = join(paths.dataDir, spoolFolder);
    writeFileSync(spool, 'a file in the folder’s place');
    query(recorder);
    recorder.persist();
    query(recorder);
    recorder.persist();
    unlinkSync(spool);
    recorder.persist();
    expect(framesIn(paths.dataDir)).toEqual([frameOf(today, [queries(2)])]);
  });

  it('writes a frame for each day that ended meanwhile', () => {
    const clock = { day: today };
    const { paths, recorder } = open(yes, clock);
    const spool = join(paths.dataDir, spoolFolder);
    writeFileSync(spool, 'a file in the folder’s place');
    for (const calls of [1, 2, 3]) {
      for (let call = 0; call < calls; call++) query(recorder);
      // Looks at the clock again with the next count.
      recorder.close();
      clock.day += 1;
    }
    rmSync(spool);
    recorder.persist();
    expect(framesIn(paths.dataDir)).toEqual([
      frameOf(today, [queries(1)]),
      frameOf(today + 1, [queries(2)]),
      frameOf(today + 2, [queries(3)]),
    ]);
  });
});

it('tells in its next frame how many uses it has given up, and none while off', () => {
  const { paths, recorder } = open(yes);
  recorder.drop();
  recorder.drop();
  recorder.persist();
  choose(paths, no);
  recorder.close();
  recorder.drop();
  recorder.close();
  expect(framesIn(paths.dataDir)).toEqual([frameOf(today, [], { dropped: 2 })]);
});

describe('facts that are none', () => {
  test.each<[what: string, facts: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'go'],
    ['no list', { ...index, languages: 'go' }],
    ['no languages', { ...index, languages: [] }],
  ])('make no event and no exception: %s', (_, facts) => {
    const { paths, recorder } = open(yes);
    recorder.record('index', facts as LifecycleFacts['index']);
    recorder.record('alice' as 'index', index);
    recorder.close();
    expect(framesIn(paths.dataDir)).toEqual([]);
  });
});

it('hooks the end of the process with the first count, and lets go of it', async () => {
  // Those of the test before this one go a little later than it ends.
  await twoTurns();
  const before = listeners();
  const { paths, recorder } = open(yes);
  expect(listeners()).toEqual(before);
  query(recorder);
  query(recorder);
  expect(listeners()).toEqual(before.map((count) => count + 1));
  recorder.close();
  await twoTurns();
  expect(listeners()).toEqual(before);
  expect(framesIn(paths.dataDir)).toEqual([frameOf(today, [queries(2)])]);
});

describe('without being asked, writes', () => {
  /** Counts once a second for so long, by a clock that the test turns. */
  function countFor(recorder: Recorder, seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      query(recorder);
      vi.advanceTimersByTime(1_000);
    }
  }

  function callsIn({ dataDir }: ConsentPaths): number {
    return framesIn(dataDir)
      .flatMap((frame) => frame?.counters ?? [])
      .reduce((sum, [, , calls]) => sum + calls, 0);
  }

  it('everything when nothing was counted for 5 seconds', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { paths, recorder } = open(yes);
    countFor(recorder, 3);
    expect(callsIn(paths)).toBe(0);
    vi.advanceTimersByTime(4_000);
    expect(callsIn(paths)).toBe(3);
  });

  it('every 30 seconds at the latest while counting goes on, in few frames', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { paths, recorder } = open(yes);
    for (let minute = 1; minute <= 10; minute++) {
      countFor(recorder, 60);
      expect(callsIn(paths)).toBeGreaterThanOrEqual(60 * minute - 30);
    }
    expect(framesIn(paths.dataDir).length).toBeLessThan(25);
  });
});
