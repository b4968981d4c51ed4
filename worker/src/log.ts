import type { AlarmReason } from './hourly/alerts.ts';

/** Everything the ingest can say in its log. Content has no way in: the types have no place for it. */
export type LogReason =
  | 'ingest_failed'
  | 'queue_refused'
  | 'limiter_failed'
  | 'unreadable_message'
  | 'sink_refused_events'
  | 'sink_refused_everything'
  | 'sink_unavailable'
  | 'sink_misconfigured'
  | 'store_unavailable'
  | 'store_refused'
  | 'over_budget'
  | 'canary_refused'
  | 'alert_failed'
  | `alarm_${AlarmReason}`
  | 'dead_letters';

/** Writes a reason and a count. Never an error's message: it may quote what it failed on. */
export function logReason(reason: LogReason, count = 1): void {
  console.error(JSON.stringify({ reason, count }));
}
