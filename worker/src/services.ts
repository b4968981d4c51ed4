import { dayOf } from '../../contract/day.ts';
import { openAccountStore } from './forward/account-store.ts';
import type { Budget } from './forward/budget.ts';
import { canaryUuids } from './daily/canary.ts';
import { openDailyStore } from './daily/store.ts';
import type { ForwardServices } from './forward/forward.ts';
import { readHealth, type Health } from './ingest/health.ts';
import type { IngestServices } from './ingest/ingest.ts';
import { openKeyedIds, type KeyedIds } from './forward/keyed-ids.ts';
import { isGone } from './ingest/kill-switch.ts';
import { healthMaxAgeMs } from './limits.ts';
import { logReason } from './log.ts';
import { openPostHog } from './forward/posthog.ts';
import { Tally } from './forward/tally.ts';

/** Bindings, variables and the clock become the services that the steps ask for. */

// `wrangler types` makes a literal type of each variable; a deployment may set another value.
type Widened<Value> = Value extends string ? string : Value extends number ? number : Value;

/** Bindings of wrangler.jsonc, and the secret that need not be there. */
export type IngestEnv = { readonly [Name in keyof Env]: Widened<Env[Name]> } & {
  readonly POSTHOG_KEY?: string;
};

/** What lives as long as the isolate, over its requests. */
export class Isolate {
  /** What was counted since the last message. */
  readonly tally = new Tally();
  #ids: KeyedIds | undefined;
  #health: { readonly at: number; readonly answer: Health } | undefined;

  /** The keys, imported once: that takes a tenth of what a small report does. */
  async openIds(env: IngestEnv): Promise<KeyedIds> {
    this.#ids ??= await openKeyedIds({ uuidKey: env.UUID_KEY, distinctKey: env.DISTINCT_KEY });
    return this.#ids;
  }

  /** Health as it was a moment ago: whoever asks often must not keep the database busy. */
  async readHealth(env: IngestEnv): Promise<Health> {
    const now = Date.now();
    if (this.#health === undefined || now - this.#health.at >= healthMaxAgeMs) {
      const account = openAccountStore(env.DB);
      const answer = await readHealth({ account, budget: budgetOf(env), today: dayOf(now), now });
      this.#health = { at: now, answer };
    }
    return this.#health.answer;
  }
}

function budgetOf(env: IngestEnv): Budget {
  return { hourly: env.HOURLY_EVENT_BUDGET, daily: env.DAILY_EVENT_BUDGET };
}

export async function openIngest(env: IngestEnv, isolate: Isolate): Promise<IngestServices> {
  const gone = { codegraph: env.GONE_CODEGRAPH_VERSIONS, schema: env.GONE_SCHEMA_VERSIONS };
  return {
    today: dayOf(Date.now()),
    ids: await isolate.openIds(env),
    tally: isolate.tally,
    hasCapacity: () => isWithin(env.BREAKER, 'events'),
    isGone: (report) => isGone(report, gone),
    isWithinRate: (machineId) => isWithin(env.PER_MACHINE, machineId),
    enqueue: async (message) => {
      await env.EVENTS.send(message, { contentType: 'json' });
    },
  };
}

/** A limiter that cannot answer stops nobody: the budget behind it still bounds the cost. */
async function isWithin(limiter: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limiter.limit({ key })).success;
  } catch {
    logReason('limiter_failed');
    return true;
  }
}

export async function openForward(
  env: IngestEnv,
  isolate: Isolate,
  queue: string,
): Promise<ForwardServices> {
  const now = Date.now();
  const today = dayOf(now);
  const isDead = queue.endsWith('-dead');
  return {
    ...openSinks(env),
    account: openAccountStore(env.DB),
    budget: budgetOf(env),
    retry: {
      baseS: env.RETRY_BASE_SECONDS,
      ...(isDead ? { fixedS: env.DEAD_RETRY_SECONDS } : {}),
      random: Math.random,
    },
    now,
    canaries: await canaryUuids([today - 1, today], await isolate.openIds(env)),
  };
}

function openSinks(env: IngestEnv): Pick<ForwardServices, 'posthog' | 'daily'> {
  const key = env.POSTHOG_KEY ?? '';
  const posthog = openPostHog({ host: env.POSTHOG_HOST, key });
  const daily = openDailyStore(env.DB);
  switch (env.SINK) {
    case 'posthog':
      return { posthog };
    case 'd1':
      return { daily };
    case 'both':
      return { posthog, daily };
    default:
      return key === '' ? { daily } : { posthog };
  }
}
