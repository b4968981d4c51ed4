import { atOnce } from '../testing/at-once.ts';
import { dayMs, minuteMs, noonToday } from '../testing/clock.ts';
import { openHome } from '../testing/home.ts';
import { Random } from '../simulation/random.ts';
import { cast, type Outcome, pick, type Setting } from './cast.ts';
import { nameOf, type Verdict } from './counts.ts';
import { add } from './figures.ts';
import { type Fate, startHostileIngest } from './hostile-ingest.ts';
import { ageLock, settle } from './settle.ts';

/** What happened in a chaos, and whether the counts are right nevertheless. */
export interface Chaos {
  readonly seed: number;
  readonly days: number;
  /** Processes by what they were. */
  readonly processes: ReadonlyMap<string, number>;
  /** SIGKILLs by the step before which they came. */
  readonly kills: ReadonlyMap<string, number>;
  /** Requests by what was done to them. */
  readonly requests: ReadonlyMap<Fate, number>;
  readonly verdict: Verdict;
}

const processesADay = 16;
const width = 8;

/**
 * For so many seconds, days of a bad sort: many processes at once in one home, killed and stopped
 * at any moment, with an ingest behind a bad network. Then good days, and the reckoning.
 */
export async function runChaos(seed: number, seconds: number): Promise<Chaos> {
  using home = openHome();
  const random = new Random(seed);
  await using ingest = await startHostileIngest(new Random(seed + 1));
  const { consent } = ingest;
  const start = noonToday() - dayMs / 2;
  const processes = new Map<string, number>();
  const kills = new Map<string, number>();
  const outcomes: Outcome[] = [];
  const endAt = performance.now() + seconds * 1_000;
  let day = 0;
  for (; performance.now() < endAt; day++) {
    const tasks = Array.from({ length: processesADay }, (_, index) => async (): Promise<void> => {
      if (performance.now() > endAt) return;
      const now = start + day * dayMs + index * 30 * minuteMs;
      const [what, outcome] = await play({ home, now, consent, random }, day, index);
      outcomes.push(outcome);
      add(processes, what);
      if (outcome.killedAt !== undefined) add(kills, outcome.killedAt);
    });
    await atOnce(width, tasks);
    ageLock(home);
  }
  ingest.calm();
  const counted = outcomes.map((outcome) => outcome.counted);
  const verdict = await settle(home, start + day * dayMs, consent, counted, ingest.taken);
  const noise = outcomes.flatMap(({ stderr }) => (stderr === '' ? [] : [`on stderr: ${stderr}`]));
  const strays = ingest.strays > 0 ? [`${ingest.strays} requests that are no report`] : [];
  const problems = [...verdict.problems, ...noise, ...strays];
  return {
    seed,
    days: day,
    processes,
    kills,
    requests: ingest.requests,
    verdict: { ...verdict, problems },
  };
}

const roles = Object.entries(cast).flatMap(([what, { role, share }]) =>
  Array.from({ length: share }, () => ({ what, role })),
);

async function play(
  setting: Setting,
  day: number,
  index: number,
): Promise<readonly [what: string, outcome: Outcome]> {
  // Its own sequence: what others draw meanwhile makes no difference to it.
  const random = new Random(setting.random.uint32());
  const { what, role } = pick(random, roles);
  return [what, await role({ ...setting, random }, nameOf(day * processesADay + index))];
}
