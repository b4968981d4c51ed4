import { dayOf } from '../../contract/day.ts';
import { bookReports, openAccountStore } from './forward/account-store.ts';
import { openAllowances } from './forward/allowance.ts';
import type { Budget } from './forward/budget.ts';
import { openKeyedIds, type KeyedIds } from './forward/keyed-ids.ts';
import { openPostHog } from './forward/posthog.ts';
import type { ForwardServices } from './forward/prepare.ts';
import { Tally } from './forward/tally.ts';
import { knowCanaries } from './hourly/canary.ts';
import { readHealth, type Health } from './ingest/health.ts';
import type { IngestServices } from './ingest/ingest.ts';
import { isGone } from './ingest/kill-switch.ts';
import {
  healthMaxAgeMs,
  maxPagesInMemory,
  maxQueueDelayS,
  pageMemoryMs,
  tallyKeptMs,
} from './limits.ts';
import { logReason } from './log.ts';
import { openPages, type Page } from './statistics/page-store.ts';
import { planForwarded, planStored, readRates, type SinkName } from './statistics/rates.ts';
import { openNewcomerGate } from './statistics/newcomers.ts';
import { openStatistics } from './statistics/store.ts';

/** Bindings, variables and the clock become the services that the steps ask for. */

// `wrangler types` makes a literal type of each variable; a deployment may set another value.
type Widened<Value> = Value extends string ? string : Value extends number ? number : Value;

/** Bindings of wrangler.jsonc, and the secrets that need not be there. */
export type IngestEnv = { readonly [Name in keyof Env]: Widened<Env[Name]> } & {
  readonly POSTHOG_KEY?: string;
  readonly ALERT_URL?: string;
};

/** What lives as long as the isolate, over its requests. */
export class Isolate {
  /** What was counted since the last message. */
  readonly tally = new Tally();
  #ids: KeyedIds | undefined;
  #isKeeping = false;
  readonly #pages = new Map<string, { readonly at: number; readonly page: Page | undefined }>();
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
      this.#health = { at: now, answer: await readHealth(openAccountStore(env.DB), now) };
    }
    return this.#health.answer;
  }

  /** A published page as it was a moment ago. */
  async readPage(path: string, env: IngestEnv): Promise<Page | undefined> {
    if (env.PUBLIC_STATS === 'off') return undefined;
    const now = Date.now();
    const known = this.#pages.get(path);
    if (known !== undefined && now - known.at < pageMemoryMs) return known.page;
    const page = await openPages(env.DB).read(path);
    // What does not exist is asked for by scanners, under names without end.
    if (this.#pages.size >= maxPagesInMemory) this.#pages.clear();
    this.#pages.set(path, { at: now, page });
    return page;
  }

  /** Stores the tally a moment later, once for all refusals until then. */
  async keepTally(env: IngestEnv): Promise<void> {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    await new Promise((resolve) => setTimeout(resolve, tallyKeptMs));
    this.#isKeeping = false;
    const sums = this.tally.take();
    try {
      await openAccountStore(env.DB).add(Date.now(), sums);
    } catch {
      this.tally.addAll(sums);
      logReason('store_unavailable');
    }
  }
}

function budgetOf(env: IngestEnv, sink: SinkName): Budget {
  switch (sink) {
    case 'posthog':
      return { hourly: env.HOURLY_EVENT_BUDGET, daily: env.DAILY_EVENT_BUDGET };
    case 'd1':
      return { hourly: env.HOURLY_STORE_BUDGET, daily: env.DAILY_STORE_BUDGET };
  }
}

/** `defer` gets what may go on after the answer. */
export async function openIngest(
  env: IngestEnv,
  isolate: Isolate,
  defer: (work: Promise<void>) => void,
): Promise<IngestServices> {
  const gone = { codegraph: env.GONE_CODEGRAPH_VERSIONS, schema: env.GONE_SCHEMA_VERSIONS };
  return {
    today: dayOf(Date.now()),
    ids: await isolate.openIds(env),
    tally: isolate.tally,
    hasCapacity: () => isWithin(env.BREAKER, 'events'),
    hasRoomForBad: () => isWithin(env.BAD_BODIES, 'bad'),
    isGone: (report) => isGone(report, gone),
    isWithinRate: (machine) => isWithin(env.PER_MACHINE, machine),
    keepTally: () => defer(isolate.keepTally(env)),
    drawDelayS: () => drawDelayS(env.MAX_DELAY_SECONDS, Math.random()),
    enqueue: async (message, delaySeconds) => {
      await env.EVENTS.send(message, { contentType: 'json', delaySeconds });
    },
  };
}

/** Whole seconds up to a bound, by a number from 0 to 1. */
export function drawDelayS(maxS: number, random: number): number {
  return Math.floor(random * (Math.min(maxQueueDelayS, Math.max(0, maxS)) + 1));
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
  const ids = await isolate.openIds(env);
  const isDead = queue.endsWith('-dead');
  const canaries = await knowCanaries(now, ids);
  const sinks = sinksOf(env);
  const account = openAccountStore(env.DB);
  const budgets = { posthog: budgetOf(env, 'posthog'), d1: budgetOf(env, 'd1') };
  return {
    ...(sinks.has('posthog')
      ? { posthog: openPostHog({ host: env.POSTHOG_HOST, key: env.POSTHOG_KEY ?? '' }) }
      : {}),
    ...(sinks.has('d1')
      ? {
          statistics: openStatistics(env.DB, { ids, canaryIds: canaries.machines, now }),
          newcomers: openNewcomerGate(env.DB, { account, ids, canaryIds: canaries.machines, now }),
        }
      : {}),
    account,
    allowances: openAllowances(env.DB, ids, now),
    budgets,
    readRates: (sink, periods) =>
      readRates(env.DB, sink, periods, (period) =>
        sink === 'd1'
          ? planStored(env.DB, period)
          : planForwarded(env.DB, budgets.posthog.daily, now),
      ),
    bookReports: (reportIds) => bookReports(env.DB, reportIds, now),
    retry: {
      baseS: env.RETRY_BASE_SECONDS,
      ...(isDead ? { fixedS: env.DEAD_RETRY_SECONDS } : {}),
      random: Math.random,
    },
    now,
    canaries,
  };
}

/** Where events go. By itself: the statistics always, and PostHog where there is a key for it. */
export function sinksOf(env: IngestEnv): ReadonlySet<SinkName> {
  switch (env.SINK) {
    case 'posthog':
    case 'd1':
      return new Set([env.SINK]);
    case 'both':
      return new Set(['posthog', 'd1']);
    default:
      return new Set((env.POSTHOG_KEY ?? '') === '' ? ['d1'] : ['posthog', 'd1']);
  }
}
