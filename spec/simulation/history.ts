import fc from 'fast-check';
import { bufferFile, claimPrefix, ledgerFile, spoolFolder } from '../contract/files.ts';
import type { Actor } from './actor.ts';
import { moods, type Mood } from './ingest.ts';
import { type Action, actions, startChoice, startHost } from './programs.ts';
import { Random } from './random.ts';
import type { Fault, World } from './world.ts';

/** What can go wrong. A history without any of these must not lose or double anything at all. */
export const hazards = ['kill', 'clock', 'ingest', 'choice', 'disk', 'damage'] as const;
export type Hazard = (typeof hazards)[number];

/** One thing that happens. `who` counts those that are there. */
export type Step =
  | { readonly does: 'start'; readonly script: readonly Action[] }
  | { readonly does: 'go on'; readonly who: number; readonly calls: number }
  | { readonly does: 'go on to'; readonly who: number; readonly call: string; readonly nth: number }
  | { readonly does: 'pass'; readonly ms: number }
  | { readonly does: 'kill'; readonly who: number }
  | { readonly does: 'kill at'; readonly who: number; readonly call: string; readonly nth: number }
  | { readonly does: 'jump'; readonly ms: number }
  | { readonly does: 'answer'; readonly mood: Mood }
  | { readonly does: 'choose'; readonly wish: 'on' | 'local' | 'off' }
  | { readonly does: 'fail'; readonly who: number; readonly fault: Fault }
  | { readonly does: 'damage'; readonly seed: number };

export interface History {
  readonly hazards: readonly Hazard[];
  /** Who is there from the beginning. */
  readonly cast: readonly (readonly Action[])[];
  readonly steps: readonly Step[];
}

const second = 1_000;
const day = 86_400 * second;

// Calls at which it matters who comes first.
const landmarks = [
  'open',
  'fstat',
  'write',
  'stat /home/.codegraph/telemetry.json',
  'telemetry/lock',
  'rename',
  'read',
  'absorb',
  'fsync',
  'unlink',
  'rmdir',
  'access',
  'POST',
  'settle',
  'exchange',
];

const who = fc.nat({ max: 3 });
const call = fc.constantFrom(...landmarks);
const nth = fc.integer({ min: 1, max: 4 });
const script = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly Action[]>(['count']) },
  { weight: 2, arbitrary: fc.constant<readonly Action[]>(['flush', 'work', 'count']) },
  { weight: 2, arbitrary: fc.constant<readonly Action[]>(['flush and wait']) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...actions), { minLength: 1, maxLength: 6 }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('start'), script }) },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('go on'),
      who,
      calls: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 5, max: 90 })),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ does: fc.constant('go on to'), who, call, nth }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('pass'),
      ms: fc.constantFrom(second, 3 * second, 3 * second, 130 * second, 3_600 * second, day, day),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('kill'), who }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('kill at'), who, call, nth }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('jump'),
      ms: fc.constantFrom(
        -day,
        -5 * second,
        5 * second,
        -200 * second,
        2 * day,
        31 * day,
        365 * day,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('answer'), mood: fc.constantFrom(...moods) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('choose'),
      wish: fc.constantFrom('off', 'off', 'on', 'local'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('fail'),
      who,
      fault: fc.constantFrom('EIO', 'ENOSPC', 'EMFILE', 'short write'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('damage'), seed: fc.nat() }) },
) as fc.Arbitrary<Step>;

/** Up to 45 steps, with some hazards or none. */
export const histories: fc.Arbitrary<History> = fc.record({
  hazards: fc.subarray([...hazards]),
  cast: fc.array(script, { maxLength: 3 }),
  steps: fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
});

const hazardOf: Readonly<Partial<Record<Step['does'], Hazard>>> = {
  kill: 'kill',
  'kill at': 'kill',
  jump: 'clock',
  answer: 'ingest',
  choose: 'choice',
  fail: 'disk',
  damage: 'damage',
};

/** Lets a history happen. */
export async function happen(world: World, history: History): Promise<void> {
  for (const member of history.cast) startHost(world, member);
  for (const each of history.steps) if (isPartOf(history, each)) await take(world, each);
}

/** Hazards can be taken out of a history as a whole. */
export function isPartOf({ hazards: present }: History, { does }: Step): boolean {
  const hazard = hazardOf[does];
  return hazard === undefined || present.includes(hazard);
}

async function take(world: World, taken: Step): Promise<void> {
  switch (taken.does) {
    case 'start':
      startHost(world, taken.script);
      break;
    case 'go on': {
      const actor = pick(world.actors, taken.who);
      if (actor !== undefined) await world.goOn(actor, { calls: taken.calls });
      break;
    }
    case 'go on to': {
      const actor = pick(world.actors, taken.who);
      if (actor !== undefined) await goOnTo(world, actor, taken);
      break;
    }
    case 'kill at': {
      const actor = pick(world.actors, taken.who);
      if (actor === undefined) break;
      const process = world.processOf(actor);
      await goOnTo(world, actor, taken);
      if (world.processes.includes(process)) world.kill(process);
      break;
    }
    case 'pass':
    case 'jump':
      world.pass(taken.ms);
      break;
    case 'kill': {
      const process = pick(world.processes, taken.who);
      if (process !== undefined) world.kill(process);
      break;
    }
    case 'answer':
      world.ingest.mood = taken.mood;
      break;
    case 'choose':
      startChoice(world, taken.wish);
      break;
    case 'fail': {
      const actor = pick(world.actors, taken.who);
      if (actor !== undefined) world.failNext(actor, taken.fault);
      break;
    }
    case 'damage':
      damage(world, new Random(taken.seed));
      break;
  }
}

async function goOnTo(
  world: World,
  actor: Actor,
  { call: before, nth: times }: { readonly call: string; readonly nth: number },
): Promise<void> {
  for (let time = 0; time < times; time++) await world.goOn(actor, { calls: 200, before });
}

/** Overwrites a few bytes of a file, or cuts it off, as a failing disk does. */
function damage(world: World, random: Random): void {
  const claims = (world.list(spoolFolder) ?? []).filter((name) => name.startsWith(claimPrefix));
  const files = [bufferFile, ledgerFile, ...claims.map((name) => `${spoolFolder}/${name}`)];
  const file = pick(files, random.below(files.length));
  if (file === undefined) return;
  world.damage(file, (data) => {
    if (random.below(4) === 0) return data.slice(0, random.below(data.length + 1));
    const changed = Uint8Array.from(data);
    const at = random.below(data.length + 1);
    changed.set(random.bytes(Math.min(1 + random.below(8), data.length - at)), at);
    return changed;
  });
}

function pick<Item>(items: readonly Item[], index: number): Item | undefined {
  return items[index % Math.max(1, items.length)];
}
