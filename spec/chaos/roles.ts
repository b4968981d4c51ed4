import { start, type Program } from '../support/programs.ts';
import { consentMaxAgeMs } from '../../contract/limits.ts';
import { settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { countQuery, runHost, startHost } from '../support/host.ts';
import { noIngest } from '../support/ingest.ts';
import { front, preload } from '../support/paths.ts';
import type { Random } from '../simulation/random.ts';
import { type Counted, countingAs, readCounted } from './counts.ts';

/** Where and when a process of a chaos runs. */
export interface Setting {
  readonly home: TestHome;
  /** Epoch milliseconds, as its telemetry sees it; what it does to files has the true time. */
  readonly now: number;
  readonly consent: NodeJS.ProcessEnv;
  readonly random: Random;
  /** Milliseconds that a flush takes here and now, from start to end of its process. */
  readonly paceMs: number;
}

/** What became of a process. */
export interface Outcome {
  readonly counted: Counted;
  /** By SIGKILL; otherwise it ended by itself. */
  readonly isKilled: boolean;
  /** What it wrote and must not have. */
  readonly stderr: string;
}

/** Runs a process that counts under `name`, and does to it what a bad day does. */
export type Role = (setting: Setting, name: string) => Promise<Outcome>;

/** Counts and ends, in one of the ways there are. */
const quick: Role = async (setting, name) => {
  const { random } = setting;
  const ends = ['', 'process.exit(0);', 'process.exitCode = 0;', selfKill('SIGTERM')];
  const body = `say('up'); count(${1 + random.below(4)}); ${pick(random, ends)}`;
  return await disturb(setting, name, body, setting.paceMs / 8);
};

/** Counts, flushes, and waits for that or leaves in the middle of it. */
const flusher: Role = async (setting, name) => {
  const { random, paceMs } = setting;
  const wait = `await telemetry.flush({ timeoutMs: ${500 + random.below(3_000)} });`;
  const leave = `void telemetry.flush(); setTimeout(() => process.exit(0), ${random.below(paceMs)});`;
  const body = `count(1); say('up'); persist(); count(1); persist();
    ${random.below(3) === 0 ? leave : wait}
    count(1);`;
  return await disturb(setting, name, body, paceMs);
};

/** Lives for a while: counts all the time, appends on one timer and flushes on another. */
const server: Role = async (setting, name) => {
  const { random, paceMs } = setting;
  const body = `say('up');
    const flush = () => { persist(); void telemetry.flush(); };
    setInterval(() => count(1), ${5 + random.below(30)});
    setInterval(persist, ${20 + random.below(200)});
    setInterval(flush, ${100 + random.below(600)});
    setTimeout(() => { ${selfKill(pick(random, ['SIGTERM', 'SIGINT', 'SIGHUP']))} },
      ${paceMs + random.below(3 * paceMs)});`;
  return await disturb(setting, name, body, 2 * paceMs);
};

/** Appends by nothing but the timer that every process has; here 3 minutes take half a second. */
const idler: Role = async (setting, name) => {
  // From the timer's own wait on: a lapse that leaves it out would say 'known' before the append.
  const env = {
    NODE_OPTIONS: preload('time-lapse.mjs'),
    TIME_LAPSE: '360',
    TIME_LAPSE_FROM_MS: String(consentMaxAgeMs),
  };
  const body = `say('up'); count(1);
    setInterval(() => { say('known ' + counted); count(1); }, 200_000);
    setTimeout(() => process.exit(0), 500_000);`;
  return await disturb(setting, name, body, 1_500, env);
};

/** The real command: the front, and the engine behind it. */
const command: Role = async ({ home, now, consent, random }) => {
  const name = pick(random, ['version', 'version', 'status', 'sync']);
  const options = settings(home, { env: consent, clockShiftMs: now - Date.now() });
  const running = start(process.execPath, [front, name], options);
  if (random.below(4) === 0) killAfter(running, random.below(500));
  const { signal, stderr } = await running.ended;
  const isKilled = signal === 'SIGKILL';
  const counted = { name, known: isKilled ? 0 : 1, begun: 1 };
  // What the engine has to say about a project without an index is no concern of ours.
  const ours = stderr.split('\n').filter((line) => line.includes('telemetry'));
  return { counted, isKilled, stderr: ours.join('\n') };
};

/** Milliseconds from start to end of a process that flushes and is left alone. */
export async function measurePace(): Promise<number> {
  using home = openHome();
  const env = { ...noIngest, CODEGRAPH_TELEMETRY: '1' };
  const startedAt = performance.now();
  await runHost(home, `${countQuery} await telemetry.flush({ timeoutMs: 10_000 });`, { env });
  return performance.now() - startedAt;
}

/** All there are; each comes up as often as it is listed. */
export const roles: Readonly<Record<string, { readonly role: Role; readonly share: number }>> = {
  quick: { role: quick, share: 8 },
  flusher: { role: flusher, share: 8 },
  server: { role: server, share: 3 },
  idler: { role: idler, share: 1 },
  command: { role: command, share: 2 },
};

/** Kills it some time after it is up, stops and continues it, or leaves it alone. */
async function disturb(
  { home, now, consent, random }: Setting,
  name: string,
  body: string,
  withinMs: number,
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const options = { now, env: { ...consent, ...env } };
  const running = startHost(home, countingAs(name) + body, options);
  const luck = random.below(10);
  const afterMs = random.below(withinMs);
  await running.printed('up');
  if (luck < 5) killAfter(running, afterMs);
  else if (luck < 7) stopAfter(running, afterMs, random.below(maxStopMs));
  const ended = await running.ended;
  const isKilled = ended.signal === 'SIGKILL';
  return { counted: readCounted(name, ended), isKilled, stderr: ended.stderr };
}

// A process that is stopped between its open and its write may lose its frame after two seconds.
const maxStopMs = 400;

function killAfter({ child, ended }: Program, ms: number): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  void ended.then(() => {
    clearTimeout(timer);
  });
}

function stopAfter({ child }: Program, ms: number, stopMs: number): void {
  setTimeout(() => child.kill('SIGSTOP'), ms);
  setTimeout(() => child.kill('SIGCONT'), ms + stopMs);
}

function selfKill(signal: NodeJS.Signals): string {
  return `process.kill(process.pid, '${signal}');`;
}

/** One of them, all equally likely. */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
