import { type Answer, type Ingest, startIngest } from '../support/ingest.ts';
import type { Random } from '../simulation/random.ts';

/** What can happen to a request on its way to the ingest, there, and on the way back. */
export const fates = [
  'taken',
  'taken, answered late',
  'taken twice',
  'taken, reply lost',
  'taken, never answered',
  'taken after the client has gone',
  'lost',
  'never answered',
  '408',
  '429',
  '429, come back in an hour',
  '500',
  '503',
  '302',
  '307',
] as const;
export type Fate = (typeof fates)[number];

/** An ingest behind a bad network, until it is told to be calm. */
export interface HostileIngest extends AsyncDisposable {
  readonly consent: NodeJS.ProcessEnv;
  /** Bodies that the ingest has stored, in order, repetitions included. */
  readonly taken: readonly string[];
  /** How many requests met which fate. */
  readonly requests: ReadonlyMap<Fate, number>;
  /** Requests that anything else but a report came in. */
  readonly strays: number;
  /** From now on every request is taken and answered. */
  calm(): void;
}

// Longer than the deadline of a command's flush, so that the client has gone.
const lateMs = 2_500;

/** Starts one. `random` draws what happens to each request. */
export async function startHostileIngest(random: Random): Promise<HostileIngest> {
  const taken: string[] = [];
  const requests = new Map<Fate, number>();
  let isCalm = false;
  let strays = 0;
  const ingest: Ingest = await startIngest((index) => {
    const body = ingest.bodies[index] ?? '';
    if (body === '') strays += 1;
    const fate = isCalm ? 'taken' : (fates[random.below(fates.length)] ?? 'taken');
    requests.set(fate, (requests.get(fate) ?? 0) + 1);
    return meet(fate, () => taken.push(body), random);
  });
  return {
    consent: ingest.consent,
    taken,
    requests,
    get strays() {
      return strays;
    },
    calm() {
      isCalm = true;
    },
    [Symbol.asyncDispose]: () => ingest[Symbol.asyncDispose](),
  };
}

function meet(fate: Fate, take: () => void, random: Random): Answer | Promise<Answer> {
  if (fate.startsWith('taken') && fate !== 'taken after the client has gone') take();
  switch (fate) {
    case 'taken':
      return 204;
    case 'taken, answered late':
      return later(random.below(lateMs), () => 204);
    case 'taken twice':
      take();
      return 204;
    case 'taken, reply lost':
    case 'lost':
      return 'break';
    case 'taken, never answered':
    case 'never answered':
      return 'hang';
    case 'taken after the client has gone':
      return later(lateMs, () => {
        take();
        return 204;
      });
    case '429, come back in an hour':
      return { status: 429, headers: { 'retry-after': '3600' } };
    case '302':
    case '307':
      return { status: Number(fate), headers: { location: '/elsewhere' } };
    case '408':
    case '429':
    case '500':
    case '503':
      return Number(fate);
  }
}

function later(ms: number, answer: () => Answer): Promise<Answer> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(answer());
    }, ms);
  });
}
