import fc from 'fast-check';
import type { Limit } from './actor.ts';
import { moods } from './ingest.ts';
import { actions } from './programs.ts';
import { changedMind, day, scenes, second } from './scenes.ts';
import { type Hazard, hazards, type Part, type Step, type Stop, take } from './steps.ts';
import type { World } from './world.ts';

export interface History {
  readonly hazards: readonly Hazard[];
  readonly steps: readonly Step[];
}

/** Somebody who can be stopped, with a place that they come by. */
interface Stopped {
  readonly part: Part;
  readonly at: Stop;
}

function stopped(
  part: fc.Arbitrary<Part>,
  thread: Stop['thread'],
  most: { readonly calls: number; readonly changes: number },
): fc.Arbitrary<Stopped> {
  return fc.record({
    part,
    at: fc
      .oneof(
        { weight: 3, arbitrary: upTo('calls', most.calls) },
        { weight: 3, arbitrary: upTo('changes', most.changes) },
        { weight: 2, arbitrary: fc.constantFrom(...turningPoints).chain((of) => upTo(of, 2)) },
      )
      .map((limit) => ({ thread, ...limit })),
  });
}

// What others can see, and what cannot be taken back.
const turningPoints = ['POST', 'rename', 'unlink', 'write'] as const;

function upTo(of: Limit['of'], most: number): fc.Arbitrary<Limit> {
  return fc.record({ count: fc.noBias(fc.integer({ min: 0, max: most })), of: fc.constant(of) });
}

const count = fc.constant<Part>(['count']);
const flush = fc.constant<Part>(['flush and wait']);
// Ends while its thread is at it.
const leave = fc.constant<Part>(['flush', 'work', 'count']);
const linger = fc.constant<Part>(['count', 'work', 'count']);
const anything = fc.array(fc.constantFrom(...actions), { minLength: 1, maxLength: 6 });
const choice = fc.constantFrom<Part[]>('off', 'off', 'on', 'local');

const parts: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: count },
  { weight: 6, arbitrary: flush },
  { weight: 1, arbitrary: leave },
  { weight: 1, arbitrary: linger },
  { weight: 1, arbitrary: anything },
  { weight: 2, arbitrary: choice },
);

// So many calls and changes it takes each of them to come to the end.
const inFlush = { calls: 64, changes: 20 };
const stops: fc.Arbitrary<Stopped> = fc.oneof(
  { weight: 5, arbitrary: stopped(count, 'main', { calls: 15, changes: 4 }) },
  { weight: 1, arbitrary: stopped(linger, 'main', { calls: 20, changes: 7 }) },
  { weight: 8, arbitrary: stopped(flush, 'sender', inFlush) },
  { weight: 2, arbitrary: stopped(leave, 'sender', inFlush) },
  { weight: 1, arbitrary: stopped(leave, 'main', { calls: 30, changes: 8 }) },
  { weight: 2, arbitrary: stopped(choice, 'main', { calls: 32, changes: 12 }) },
);

// Seconds make a claim final, minutes a lock stale, a day what was counted ready to be sent.
const passing = fc.constantFrom(second, 3 * second, 3 * second, 3 * second, 130 * second, day, day);
const jumps = fc.constantFrom(
  -5 * second,
  5 * second,
  -200 * second,
  -day,
  2 * day,
  31 * day,
  -40 * day,
  366 * day,
);

const pass: fc.Arbitrary<Step> = fc.record({ does: fc.constant('pass'), ms: passing });

function run(part: fc.Arbitrary<Part>): fc.Arbitrary<Step> {
  return fc.record({ does: fc.constant('run'), part });
}

function plainSteps(stay: number): readonly fc.WeightedArbitrary<Step>[] {
  return [
    { weight: 10, arbitrary: run(parts) },
    { weight: 7, arbitrary: pass },
    {
      weight: stay,
      arbitrary: fc.record({
        does: fc.constant('go on'),
        who: fc.nat({ max: 3 }),
        until: fc.oneof(fc.constant('the end'), upTo('calls', 15), upTo('changes', 10)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('jump'), ms: jumps }) },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('answer'), mood: fc.constantFrom(...moods) }),
    },
    {
      weight: 2,
      arbitrary: stops.chain(({ part, at }) =>
        fc.record({
          does: fc.constant('fail'),
          part: fc.constant(part),
          at: fc.constant(at),
          fault: fc.constantFrom('EIO', 'ENOSPC', 'EMFILE', 'short write'),
        }),
      ),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('damage'), seed: fc.nat() }) },
  ];
}

// What mostly comes together: time passes and somebody flushes, or somebody changes their mind.
const together: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(pass, run(flush)) },
  { weight: 1, arbitrary: fc.constant(changedMind) },
);

function several(step: fc.Arbitrary<Step>, most: number): fc.Arbitrary<readonly Step[]> {
  const one = step.map((each) => [each]);
  const groups = fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: together });
  return fc.array(groups, { maxLength: most, size: 'max' }).map((list) => list.flat());
}

/** Somebody is stopped, and meanwhile others come, some of whom are stopped too. */
function stopping(inner: fc.Arbitrary<Step>): fc.Arbitrary<Step> {
  return fc
    .record({
      stop: stops,
      meanwhile: several(inner, 5),
      ending: fc.constantFrom('goes on', 'goes on', 'stays', 'is killed'),
    })
    .map(({ stop, ...rest }) => ({ does: 'stop', ...stop, ...rest }));
}

const innerSteps = fc.oneof(...plainSteps(6));
const middleSteps = fc.oneof(...plainSteps(3), { weight: 9, arbitrary: stopping(innerSteps) });
const steps = fc.oneof(...plainSteps(1), { weight: 18, arbitrary: stopping(middleSteps) });

// Without something to send, a flush is soon over.
const beginnings = fc.constantFrom<readonly Step[]>(
  [],
  [
    { does: 'run', part: ['count'] },
    { does: 'pass', ms: day },
  ],
);

/** A few steps, with some hazards or none. */
export const histories: fc.Arbitrary<History> = fc.record({
  hazards: fc.subarray([...hazards]),
  steps: fc
    .tuple(
      beginnings,
      several(steps, 4),
      fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: scenes }),
      several(steps, 4),
    )
    .map((acts) => acts.flat()),
});

/** Lets a history happen. */
export async function happen(world: World, history: History): Promise<void> {
  for (const step of history.steps) await take(world, step, history.hazards);
}
