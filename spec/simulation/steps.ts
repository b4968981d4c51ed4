import { bufferFile, claimPrefix, ledgerFile, spoolFolder } from '../../contract/files.ts';
import type { Mode } from '../../contract/choice-file.ts';
import type { Limit } from './actor.ts';
import type { Mood } from './ingest.ts';
import { type Action, startChoice, startHost } from './programs.ts';
import { Random } from './random.ts';
import type { Fault, Process, World } from './world.ts';

/** Who does something: a host of our library, or somebody who decides. */
export type Part = readonly Action[] | Mode;

/** Where somebody is stopped: so far on the way of its main thread or its sender thread. */
export interface Stop extends Limit {
  readonly thread: 'main' | 'sender';
}

/** One thing that happens. */
export type Step =
  /** Somebody comes and is done. */
  | { readonly does: 'run'; readonly part: Part }
  /** Somebody is stopped, for good or until other things have happened. */
  | {
      readonly does: 'stop';
      readonly part: Part;
      readonly at: Stop;
      readonly meanwhile: readonly Step[];
      readonly ending: 'goes on' | 'stays' | 'is killed';
    }
  /** One of those who stay goes on. */
  | { readonly does: 'go on'; readonly who: number; readonly until: Limit | 'the end' }
  | { readonly does: 'pass'; readonly ms: number }
  | { readonly does: 'jump'; readonly ms: number }
  | { readonly does: 'answer'; readonly mood: Mood }
  | { readonly does: 'fail'; readonly part: Part; readonly at: Stop; readonly fault: Fault }
  | { readonly does: 'damage'; readonly seed: number };

/** What can go wrong. A history without any of these must not lose or double anything at all. */
export const hazards = ['kill', 'clock', 'ingest', 'choice', 'disk', 'damage'] as const;
export type Hazard = (typeof hazards)[number];

/** Lets a step happen, unless it takes a hazard that is not there. */
export async function take(world: World, step: Step, present: readonly Hazard[]): Promise<void> {
  const hazard = hazardOf(step);
  if (hazard !== undefined && !present.includes(hazard)) return;
  switch (step.does) {
    case 'run':
      await runToEnd(world, start(world, step.part));
      break;
    case 'stop': {
      const process = start(world, step.part);
      await runTo(world, process, step.at);
      for (const inner of step.meanwhile) await take(world, inner, present);
      if (step.ending === 'goes on') await runToEnd(world, process);
      else if (step.ending === 'is killed' && present.includes('kill') && isAlive(world, process))
        world.kill(process);
      break;
    }
    case 'go on': {
      const actor = pick(world.actors, step.who);
      const limit = step.until === 'the end' ? undefined : step.until;
      if (actor !== undefined) await world.goOn(actor, limit);
      break;
    }
    case 'pass':
    case 'jump':
      world.pass(step.ms);
      break;
    case 'answer':
      world.ingest.mood = step.mood;
      break;
    case 'fail': {
      const process = start(world, step.part);
      await runTo(world, process, step.at);
      world.failNext(process.thread ?? process.main, step.fault);
      await runToEnd(world, process);
      break;
    }
    case 'damage':
      damage(world, new Random(step.seed));
      break;
  }
}

function hazardOf(step: Step): Hazard | undefined {
  switch (step.does) {
    case 'run':
    case 'stop':
      return typeof step.part === 'string' ? 'choice' : undefined;
    case 'jump':
      return 'clock';
    case 'answer':
      return 'ingest';
    case 'fail':
      return 'disk';
    case 'damage':
      return 'damage';
    case 'go on':
    case 'pass':
      return undefined;
  }
}

/** Lets somebody come and be done; also one who waits for a thread, or whose thread is cut off. */
async function runToEnd(world: World, process: Process): Promise<void> {
  for (let round = 0; isAlive(world, process); round++) {
    if (round === 100) throw new Error(`${process.main.name} does not end`);
    await world.goOn(process.main);
    if (process.thread !== undefined) await world.goOn(process.thread);
  }
}

/** A sender thread comes to its calls while its main thread waits. */
async function runTo(world: World, process: Process, { thread, ...limit }: Stop): Promise<void> {
  if (thread === 'main') {
    await world.goOn(process.main, limit);
    return;
  }
  // It has the next turn as soon as it is there.
  await world.goOn(process.main);
  if (process.thread !== undefined) await world.goOn(process.thread, limit);
}

function start(world: World, part: Part): Process {
  return typeof part === 'string' ? startChoice(world, part) : startHost(world, part);
}

function isAlive(world: World, process: Process): boolean {
  return world.processes.includes(process);
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
