import type { Ended } from '../support/child.ts';
import { atOnce } from '../support/at-once.ts';
import { dayMs, noonToday } from '../support/clock.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { runHost } from '../support/host.ts';
import { type Answer, type Ingest, startIngest } from '../support/ingest.ts';
import { add } from './figures.ts';
import { type Counted, countingAs, nameOf, readCounted } from './counts.ts';
import { restMs, settle } from './settle.ts';
import { goTo, isChange, startStepped, type Stepped } from './stepped.ts';

/** What a process does that is killed at each of its steps, and what was there before it. */
interface Scene {
  readonly name: string;
  readonly body: string;
  /** Days after the first counts. */
  readonly day: number;
  /** By how much the clock of its threads is ahead: locks may be stale and claims final. */
  readonly shiftMs?: number;
  readonly prepare: (stage: Stage) => Promise<void>;
}

/** A home, its ingest, and what was counted there. */
interface Stage {
  readonly home: TestHome;
  readonly now: number;
  readonly consent: NodeJS.ProcessEnv;
  readonly counted: Counted[];
}

const [early, killed, other] = [nameOf(1), nameOf(2), nameOf(3)];
const countAndFlush = `count(2); persist(); await telemetry.flush({ timeoutMs: 20_000 }); count(1);`;

const scenes: readonly Scene[] = [
  { name: 'an append', body: 'count(2); persist(); count(1);', day: 0, prepare: async () => {} },
  { name: 'a flush', body: countAndFlush, day: 1, prepare: countEarly },
  {
    name: 'a flush after one that was killed',
    body: countAndFlush,
    day: 2,
    shiftMs: restMs,
    async prepare(stage) {
      await countEarly(stage);
      await killFlusher(stage);
    },
  },
];

async function countEarly(stage: Stage): Promise<void> {
  await runCounting(stage, early, 'count(3);', stage.now);
}

/** One that leaves its claim, its lock, and a ledger on its way. */
async function killFlusher({ home, now, consent }: Stage): Promise<void> {
  const stepped = startStepped(home, countAndFlushNothing, { now: now + dayMs, env: consent });
  await goTo(stepped, (step) => step === 'sender: rename ledger.json.tmp to ledger.json');
  stepped.kill();
  await stepped.ended;
}

const countAndFlushNothing = `await telemetry.flush({ timeoutMs: 20_000 });`;

/** What came of killing at steps. */
export interface StepKills {
  readonly kills: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/**
 * Kills the process of each scene before each of its steps, every time in a home of its own; where
 * it is visited, while another process counts and flushes. Unless it is `thorough`, only before
 * those that change something, in later scenes only before those that are new, and with a visitor
 * every second time.
 */
export async function killAtSteps(thorough: boolean): Promise<StepKills> {
  const kills = new Map<string, number>();
  const problems: string[] = [];
  const tasks: (() => Promise<void>)[] = [];
  const note = (scene: Scene, step: string, found: readonly string[]): void => {
    add(kills, step);
    problems.push(...found.map((problem) => `${scene.name}, killed at ${step}: ${problem}`));
  };
  const known = new Set<string>();
  for (const scene of scenes) {
    const steps = await listSteps(scene);
    for (const [index, step] of steps.entries()) {
      if (!thorough && (!isChange(step) || known.has(step))) continue;
      const visits = thorough ? [true, false] : [tasks.length % 2 === 0];
      for (const isVisited of visits) {
        tasks.push(async () => {
          note(scene, step, await killAt(scene, index, isVisited));
        });
      }
    }
    for (const step of steps) known.add(step);
    if (!steps.includes(post)) continue;
    tasks.push(async () => {
      note(scene, 'sender: POST, unanswered', await killUnanswered(scene));
    });
  }
  await atOnce(2, tasks);
  return { kills, problems };
}

const post = 'sender: POST';

/** Takes a scene to its end; returns its steps, in order. */
async function listSteps(scene: Scene): Promise<readonly string[]> {
  const steps: string[] = [];
  await perform(scene, async (stepped) => {
    await goTo(stepped, (step) => {
      steps.push(step);
      return false;
    });
  });
  return steps;
}

async function killAt(scene: Scene, index: number, isVisited: boolean): Promise<readonly string[]> {
  let step = -1;
  return await perform(scene, async (stepped, stage) => {
    await goTo(stepped, () => (step += 1) === index);
    if (isVisited) await runCounting(stage, other, countAndFlush, stage.now + scene.day * dayMs);
    stepped.kill();
  });
}

/** Kills it when its report has arrived and is not answered yet. */
async function killUnanswered(scene: Scene): Promise<readonly string[]> {
  let answer = (_answer: Answer): void => {};
  const answered = new Promise<Answer>((resolve) => (answer = resolve));
  return await perform(
    scene,
    async (stepped, _stage, ingest) => {
      await goTo(stepped, (step) => step === post);
      stepped.go();
      await ingest.arrived(1);
      stepped.kill();
      await stepped.ended;
      answer('break');
    },
    answered,
  );
}

async function perform(
  scene: Scene,
  act: (stepped: Stepped, stage: Stage, ingest: Ingest) => Promise<void>,
  firstAnswer: Answer | Promise<Answer> = 204,
): Promise<readonly string[]> {
  using home = openHome();
  await using ingest = await startIngest((index) => (index === 0 ? firstAnswer : 204));
  const stage = { home, now: noonToday(), consent: ingest.consent, counted: [] };
  await scene.prepare(stage);
  const now = stage.now + scene.day * dayMs;
  const options = { now, env: ingest.consent };
  const stepped = startStepped(home, countingAs(killed) + scene.body, options, scene.shiftMs);
  await act(stepped, stage, ingest);
  book(stage, killed, await stepped.ended);
  return (await settle(home, now, ingest.consent, stage.counted, ingest.bodies)).problems;
}

async function runCounting(stage: Stage, name: string, body: string, now: number): Promise<void> {
  const options = { now, env: stage.consent };
  book(stage, name, await runHost(stage.home, countingAs(name) + body, options));
}

function book(stage: Stage, name: string, ended: Ended): void {
  if (ended.stderr !== '') throw new Error(`${name} wrote ${ended.stderr}`);
  stage.counted.push(readCounted(name, ended));
}
