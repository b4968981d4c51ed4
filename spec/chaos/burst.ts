import { dayMs, noonToday } from '../support/clock.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { runHost, startHost, tell } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';
import {
  type Counted,
  countingAs,
  nameOf,
  readCounted,
  sharedCountsIn,
  type Verdict,
} from './counts.ts';
import { ageLock, deliverAll } from './deliver.ts';

export interface Bursts {
  readonly verdict: Verdict;
  /** Of the name that all processes count under: what each of its events says, by day. */
  readonly sharedCounts: readonly number[];
}

/** As many processes as `size` count, and end at the same moment, so many `rounds`. */
export async function runBursts(size: number, rounds: number): Promise<Bursts> {
  using home = openHome();
  await using ingest = await startIngest();
  const { consent } = ingest;
  const start = noonToday();
  const counted: Counted[] = [];
  for (let round = 0; round < rounds; round++) {
    const stage = { home, consent, now: start + round * dayMs };
    const names = Array.from({ length: size }, (_, index) => nameOf(round * size + index));
    counted.push(...(await burst(stage, names)));
    ageLock(home);
  }
  const end = start + rounds * dayMs;
  const verdict = await deliverAll(home, end, consent, counted, ingest.bodies);
  return { verdict, sharedCounts: sharedCountsIn(ingest.bodies) };
}

interface Stage {
  readonly home: TestHome;
  readonly consent: NodeJS.ProcessEnv;
  readonly now: number;
}

/** Different ways to end; a flush beside them takes the buffer away from under their hands. */
const ends = ['', 'process.exit(0);', `process.kill(process.pid, 'SIGTERM');`];

async function burst({ home, consent, now }: Stage, names: readonly string[]): Promise<Counted[]> {
  const options = { env: consent, now };
  const hosts = names.map((name, index) => {
    const body = `${countingAs(name)} count(1); say('up'); await told(); ${ends[index % ends.length]}`;
    return startHost(home, body, options);
  });
  await Promise.all(hosts.map((host) => host.printed('up')));
  const flush = runHost(home, 'await telemetry.flush({ timeoutMs: 20_000 });', options);
  for (const host of hosts) tell(host);
  const ended = await Promise.all(hosts.map((host) => host.ended));
  await flush;
  return ended.map((end, index) => readCounted(names[index] ?? '', end));
}
