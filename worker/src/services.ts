import { dayOf } from '../../spec/contract/day.ts';
import type { Budget } from './budget.ts';
import { canaryUuids } from './canary.ts';
import { openDailyStore } from './daily-store.ts';
import type { IngestEnv } from './env.ts';
import type { ForwardServices } from './forward.ts';
import type { IngestServices } from './ingest.ts';
import { openKeyedIds, type KeyedIds } from './keyed-ids.ts';
import { isGone } from './kill-switch.ts';
import { openLedgerStore } from './ledger-store.ts';
import { logReason } from './log.ts';
import { openPostHog } from './posthog.ts';
import type { Tally } from './tally.ts';

/** Bindings, variables and the clock become the services that the steps ask for. */

function openIds(env: IngestEnv): Promise<KeyedIds> {
  return openKeyedIds({ uuidKey: env.UUID_KEY, distinctKey: env.DISTINCT_KEY });
}

export function budgetOf(env: IngestEnv): Budget {
  return { hourly: env.HOURLY_EVENT_BUDGET, daily: env.DAILY_EVENT_BUDGET };
}

export async function openIngest(env: IngestEnv, tally: Tally): Promise<IngestServices> {
  const gone = { codegraph: env.GONE_CODEGRAPH_VERSIONS, schema: env.GONE_SCHEMA_VERSIONS };
  return {
    today: dayOf(Date.now()),
    ids: await openIds(env),
    tally,
    isOpen: () => isWithin(env.BREAKER, 'events'),
    isGone: (report) => isGone(report, gone),
    isWithinRate: (machineId) => isWithin(env.PER_MACHINE, machineId),
    enqueue: async (message) => {
      await env.EVENTS.send(message, { contentType: 'json' });
    },
  };
}

/** A limiter that cannot answer stops nobody: the budget behind it still bounds the cost. */
export async function isWithin(limiter: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limiter.limit({ key })).success;
  } catch {
    logReason('limiter_failed');
    return true;
  }
}

export async function openForward(env: IngestEnv, queue: string): Promise<ForwardServices> {
  const now = Date.now();
  const today = dayOf(now);
  const isDead = queue.endsWith('-dead');
  return {
    ...openSinks(env),
    ledger: openLedgerStore(env.DB),
    retry: {
      baseS: env.RETRY_BASE_SECONDS,
      ...(isDead ? { fixedS: env.DEAD_RETRY_SECONDS } : {}),
      random: Math.random,
    },
    now,
    canaries: await canaryUuids([today - 1, today], await openIds(env)),
  };
}

function openSinks(env: IngestEnv): Pick<ForwardServices, 'posthog' | 'daily'> {
  const key = env.POSTHOG_KEY ?? '';
  const posthog = { sink: openPostHog({ host: env.POSTHOG_HOST, key }), budget: budgetOf(env) };
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
