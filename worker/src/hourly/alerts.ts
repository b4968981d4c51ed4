import { formatDay, dayOf } from '../../../contract/day.ts';
import type { AccountStore } from '../forward/account-store.ts';
import { logReason } from '../log.ts';

/** What is wrong, for a person. The text holds reasons, counts and names of our own lists. */
export interface Alarm {
  readonly reason: AlarmReason;
  readonly text: string;
  readonly count: number;
}

export type AlarmReason =
  | 'canary_missing'
  | 'canary_missing_on_network'
  | 'silence'
  | 'flood'
  | 'refused'
  | 'sampled'
  | 'rate_fell'
  | 'newcomers_held'
  | 'brake'
  | 'dead_letters'
  | 'refused_by_sink'
  | 'refused_by_store'
  | 'key_refused'
  | 'storage'
  | 'store_failed'
  | 'regression';

/**
 * Whether an alarm makes `ok` false. A rate that has fallen does; one that stays where it was is the plan,
 * and a monitor that is red for ever is looked at by nobody.
 */
export function isDefect({ reason }: Alarm): boolean {
  return reason !== 'regression' && reason !== 'sampled';
}

interface AlertTerms {
  readonly account: AccountStore;
  /** Where alarms are posted; empty: nowhere but the log. */
  readonly url: string;
  readonly now: number;
}

/** Tells of each alarm, once for a reason, or for a regression, and day. Never throws. */
export async function tell(
  alarms: readonly Alarm[],
  { account, url, now }: AlertTerms,
): Promise<void> {
  for (const alarm of alarms) {
    logReason(`alarm_${alarm.reason}`, alarm.count);
    if (url === '') continue;
    const key = `alert_${alarm.reason === 'regression' ? alarm.text : alarm.reason}` as const;
    try {
      const last = (await account.readSigns()).get(key);
      if (last !== undefined && formatDay(dayOf(last.at)) === formatDay(dayOf(now))) continue;
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alarm),
        redirect: 'manual',
        signal: AbortSignal.timeout(alertTimeoutMs),
      });
      await response.body?.cancel();
      if (response.ok) await account.sign(key, now);
      else logReason('alert_failed');
    } catch {
      // The next round tries again.
      logReason('alert_failed');
    }
  }
}

// A chat's webhook answers within a second.
const alertTimeoutMs = 10_000;
