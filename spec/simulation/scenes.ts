import fc from 'fast-check';
import type { Limit } from './actor.ts';
import { moods } from './ingest.ts';
import type { Part, Step, Stop } from './steps.ts';

export const second = 1_000;
export const day = 86_400 * second;

function stopAt(
  part: Part,
  at: Stop,
  meanwhile: readonly Step[],
  ending: 'goes on' | 'stays' | 'is killed',
): Step {
  return { does: 'stop', part, at, meanwhile, ending };
}

const going = (part: Part): Step => ({ does: 'run', part });
const waiting = (ms: number): Step => ({ does: 'pass', ms });
const somewhere = (of: Limit['of'], min: number, max: number): fc.Arbitrary<Limit> =>
  fc.record({ count: fc.integer({ min, max }), of: fc.constant(of) });
const theCount: Part = ['count'];
const theFlush: Part = ['flush and wait'];
export const changedMind: readonly Step[] = [going('off'), going('on')];

// A report finds no taker until it is too old.
const tooOld = fc
  .constantFrom(...moods)
  .map((mood): readonly Step[] => [
    { does: 'answer', mood },
    going(theFlush),
    { does: 'jump', ms: 31 * day },
    going(theFlush),
  ]);

// Somebody changes their mind while a report is about to go out, and others come.
const secondThoughts = fc
  .tuple(
    somewhere('calls', 30, 55),
    somewhere('calls', 10, 40),
    fc.constantFrom([going('local')], [going('off')], changedMind, [waiting(130 * second)]),
  )
  .map(([at, ofOther, between]): readonly Step[] => {
    const other = stopAt(theFlush, { thread: 'sender', ...ofOther }, [], 'stays');
    const meanwhile = [...between, going(theCount), other];
    return [stopAt(theFlush, { thread: 'sender', ...at }, meanwhile, 'goes on')];
  });

// A process has its frame written beside an `off`, and dies of that.
const deathBesideOff = fc
  .tuple(fc.oneof(somewhere('write', 0, 0), somewhere('calls', 6, 13)), somewhere('calls', 1, 12))
  .map(([at, until]): readonly Step[] => {
    const meanwhile: readonly Step[] = [going('off'), { does: 'go on', who: 0, until }];
    return [
      stopAt(theCount, { thread: 'main', ...at }, meanwhile, 'is killed'),
      going('on'),
      waiting(day),
      going(theFlush),
    ];
  });

// A claim is final and about to go, or to be counted, when its flusher dies or it grows once more.
const lateGrowth = fc
  .tuple(
    fc.oneof(somewhere('rename', 0, 3), somewhere('unlink', 0, 3)),
    fc.constantFrom<('goes on' | 'is killed')[]>('goes on', 'is killed'),
    fc.constantFrom<Step[][]>([], [{ does: 'go on', who: 0, until: 'the end' }]),
  )
  .map(([at, ending, growth]): readonly Step[] => {
    const flushed = stopAt(theFlush, { thread: 'sender', ...at }, growth, ending);
    const meanwhile = [going(theFlush), waiting(3 * second), flushed];
    return [
      going(theCount),
      stopAt(theCount, { thread: 'main', count: 0, of: 'write' }, meanwhile, 'goes on'),
    ];
  });

// A clock is ahead for two days, which is long enough to be believed; a report fails, and it is set right.
const setRight = fc
  .constantFrom(...moods)
  .map((mood): readonly Step[] => [
    { does: 'jump', ms: 31 * day },
    going(theCount),
    waiting(day),
    { does: 'answer', mood },
    going(theFlush),
    { does: 'jump', ms: -31 * day },
    going(theCount),
  ]);

/**
 * What goes wrong only when several things come together, each at one of few places, which chance alone
 * would find once in many thousand histories.
 */
export const scenes: fc.Arbitrary<readonly Step[]> = fc.oneof(
  tooOld,
  secondThoughts,
  deathBesideOff,
  lateGrowth,
  setRight,
);
