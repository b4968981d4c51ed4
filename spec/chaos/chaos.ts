import { dayMs, minuteMs, noonToday } from '../support/clock.ts';
import { openHome } from '../support/home.ts';
import { Random } from '../simulation/random.ts';
import { measurePace, type Outcome, pick, roles } from './roles.ts';
import { nameOf, type Verdict } from './counts.ts';
import { type Fate, startHostileIngest } from './hostile-ingest.ts';
import { ageLock, deliverAll } from './deliver.ts';

/** What happened in a chaos, and whether the counts are right nevertheless. */
export interface Chaos {
  readonly seed: number;
  readonly days: number;
  /** Processes by what they were. */
  readonly processes: ReadonlyMap<string, number>;
  /** How many of them were killed. */
  readonly kills: number;
  /** Requests by what was done to them. */
  readonly requests: ReadonlyMap<Fate, number>;
  readonly verdict: Verdict;
}

// All of them at once; then nobody is alive, and the lock of one that was killed may grow old.
const processesADay = 8;

// Then the ingest has a good day: what nobody takes for a month expires, as it is meant to.
const maxDays = 14;

const hourMs = 60 * minuteMs;

/**
 * For so many seconds, or a fortnight, days of a bad sort: many processes at once in one home, killed and stopped
 * at any moment, with an ingest behind a bad network. Then good days, and the reckoning.
 */
export async function runChaos(seed: number, seconds: number): Promise<Chaos> {
  using home = openHome();
  await using ingest = await startHostileIngest(new Random(seed + 1));
  const { consent } = ingest;
  const random = new Random(seed);
  const paceMs = await measurePace();
  const processes = new Map<string, number>();
  const outcomes: Outcome[] = [];
  const start = noonToday() - dayMs / 2;
  const endAt = performance.now() + seconds * 1_000;
  let day = 0;
  for (; performance.now() < endAt && day < maxDays; day++) {
    const playOne = async (_: unknown, index: number): Promise<void> => {
      const { what, role } = pick(random, drawn);
      processes.set(what, (processes.get(what) ?? 0) + 1);
      const now = start + day * dayMs + index * hourMs;
      // Its own draws: what others draw meanwhile makes no difference to it.
      const setting = { home, now, consent, paceMs, random: new Random(random.uint32()) };
      outcomes.push(await role(setting, nameOf(day * processesADay + index)));
    };
    await Promise.all(Array.from({ length: processesADay }, playOne));
    ageLock(home);
  }
  ingest.calm();
  const counted = outcomes.map((outcome) => outcome.counted);
  const verdict = await deliverAll(home, start + day * dayMs, consent, counted, ingest.taken);
  const noise = outcomes.flatMap(({ stderr }) => (stderr === '' ? [] : [`on stderr: ${stderr}`]));
  const strays = ingest.strays > 0 ? [`${ingest.strays} requests that are no report`] : [];
  const problems = [...verdict.problems, ...noise, ...strays];
  return {
    seed,
    days: day,
    processes,
    kills: outcomes.filter(({ isKilled }) => isKilled).length,
    requests: ingest.requests,
    verdict: { ...verdict, problems },
  };
}

const drawn = Object.entries(roles).flatMap(([what, { role, share }]) =>
  Array.from({ length: share }, () => ({ what, role })),
);
