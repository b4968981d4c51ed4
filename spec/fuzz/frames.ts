import fc from 'fast-check';
import type { DayNumber } from '../../contract/day.ts';
import type { Frame, FrameCounter, FrameEvent } from '../../contract/frame.ts';
import { maxAgeDays, maxCount, maxFutureDays } from '../../contract/limits.ts';
import {
  durationBuckets,
  fileCountBuckets,
  installKinds,
  installScopes,
} from '../../contract/report/lists.ts';
import type { Words } from './words.ts';

/** The day on which everything is absorbed. */
export const today: DayNumber = 20_780;

const days = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: today - 3, max: today }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      0,
      today - maxAgeDays - 1,
      today - maxAgeDays,
      today + maxFutureDays,
      today + maxFutureDays + 1,
      0xffffffff,
    ),
  },
);

const calls = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(maxCount - 1, maxCount, maxCount + 1, 0xffffffff) },
);

/** A frame as the main thread may write it, with names of one half. */
export function framesOf(words: Words): fc.Arbitrary<Frame> {
  return fc.record({
    day: days,
    counters: fc.array(countersOf(words), { maxLength: 3 }),
    events: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(eventsOf(words), { minLength: 1, maxLength: 2 }) },
    ),
    dropped: fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(1, 300, 0xffffffff) },
    ),
  });
}

function countersOf(words: Words): fc.Arbitrary<FrameCounter> {
  const names = fc.constantFrom(
    ...words.commands.map((name) => [0, name] as const),
    ...words.tools.map((name) => [1, name] as const),
  );
  const clients = fc.oneof(
    fc.constant([]),
    fc.constantFrom(...words.clients.map((name) => [name])),
    fc.tuple(fc.constantFrom(...words.clients), fc.constantFrom('0.0', '2.1', '999.999')),
  );
  return fc
    .tuple(names, calls, fc.nat({ max: 3 }), clients)
    .map(([[kind, name], count, errors, client]) => [
      kind,
      name,
      count,
      Math.min(count, errors),
      ...client,
    ]);
}

function eventsOf(words: Words): fc.Arbitrary<FrameEvent> {
  const list = (names: readonly string[]): fc.Arbitrary<string[]> =>
    fc.subarray([...names], { minLength: 1, maxLength: 3 });
  return fc.oneof(
    fc
      .record({
        targets: list(words.targets),
        scope: fc.constantFrom(...installScopes),
        kind: fc.constantFrom(...installKinds),
      })
      .map((props): FrameEvent => ['install', props]),
    fc
      .record({
        languages: list(words.languages),
        file_count_bucket: fc.constantFrom(...fileCountBuckets),
        duration_bucket: fc.constantFrom(...durationBuckets),
      })
      .map((props): FrameEvent => ['index', props]),
    fc.record({ targets: list(words.targets) }).map((props): FrameEvent => ['uninstall', props]),
  );
}
