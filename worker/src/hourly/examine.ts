import type { Sign } from '../forward/account-store.ts';
import { canaryMissedMs } from '../limits.ts';
import type { Regression } from '../statistics/regression.ts';
import type { Alarm } from './alerts.ts';
import { usualOf } from './usual.ts';

/** What the hourly round knows of the ingest. */
export interface Findings {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly signs: ReadonlyMap<string, Sign>;
  /** Sums of today and yesterday, by day, the newest last. */
  readonly sums: readonly Readonly<Record<string, number>>[];
  /** Reports of the last full hour, and of the same hour of the days before. */
  readonly hour: { readonly last: number; readonly others: readonly number[] };
  /** Status of the key at PostHog; 0 where nobody was asked. */
  readonly keyStatus: number;
  readonly databaseBytes: number;
  /** Rates of the running week and of the one before, by sink. */
  readonly rates: ReadonlyMap<string, { readonly now: number; readonly before: number }>;
  readonly hasPublicAddress: boolean;
  readonly regressions: readonly Regression[];
}

// Below this share of the usual hour something is closed, not quiet.
const silentShare = 0.3;
// A release doubles an hour; more is somebody who invents machines.
const floodFactor = 3;

const mostRefused = 0.05;
const mostRefusedBySink = 0.001;
// Of D1's 10 GB.
const mostBytes = 8e9;

/** What of it needs a person. */
export function examine(findings: Findings): readonly Alarm[] {
  return [
    ...examineCanary(findings),
    ...examineFlow(findings),
    ...examineSums(findings.sums.at(-1) ?? {}),
    ...examineKey(findings),
    ...findings.regressions.map(describeRegression),
  ];
}

function examineCanary({ now, signs, hasPublicAddress }: Findings): readonly Alarm[] {
  const missing = (sent: string, arrived: string): number => {
    const first = signs.get(sent)?.value ?? now;
    const last = signs.get(arrived)?.at ?? first;
    return now - last >= canaryMissedMs ? Math.floor((now - last) / 3_600_000) : 0;
  };
  const inside = missing('canary_sent', 'canary_arrived');
  const network = hasPublicAddress ? missing('canary_sent', 'canary_crossed') : 0;
  return [
    ...alarmIf(
      inside,
      'canary_missing',
      `The ingest's own report has not arrived for ${inside} hours.`,
    ),
    ...alarmIf(
      network,
      'canary_missing_on_network',
      `The ingest's own report by its public address has not arrived for ${network} hours.`,
    ),
  ];
}

function examineFlow({ hour, rates, databaseBytes, signs, now }: Findings): readonly Alarm[] {
  const usual = usualOf(hour.others);
  const isSilent = hour.last < silentShare * usual;
  const isFlood = usual > 0 && hour.last > floodFactor * usual;
  const sampled = [...rates].filter(([, rate]) => rate.now < 1);
  const failedAt = signs.get('store_failed')?.at ?? 0;
  const heldAt = signs.get('newcomers_held')?.at ?? 0;
  return [
    ...alarmIf(
      isSilent ? Math.max(1, Math.round(usual - hour.last)) : 0,
      'silence',
      `${hour.last} reports in the last hour; ${usual} are usual at this time.`,
    ),
    ...alarmIf(
      isFlood ? hour.last - usual : 0,
      'flood',
      `${hour.last} reports in the last hour; ${usual} are usual at this time.`,
    ),
    ...sampled.map(([sink, rate]): Alarm => ({
      reason: rate.now < rate.before ? 'rate_fell' : 'sampled',
      text: `One machine in ${Math.round(1 / rate.now)} is counted at ${sink} this week.`,
      count: Math.round(1 / rate.now),
    })),
    ...alarmIf(
      now - heldAt < 3_600_000 ? 1 : 0,
      'newcomers_held',
      'Far too many new machines report. None is counted until a day has passed without such an hour.',
    ),
    ...alarmIf(
      databaseBytes > mostBytes ? Math.round(databaseBytes / 1e9) : 0,
      'storage',
      `The database has ${(databaseBytes / 1e9).toFixed(1)} GB; D1 ends at 10.`,
    ),
    ...alarmIf(
      now - failedAt < 3_600_000 ? 1 : 0,
      'store_failed',
      'The database did not take what was to be stored. Messages wait in the queue.',
    ),
  ];
}

function examineSums(today: Readonly<Record<string, number>>): readonly Alarm[] {
  const sumOf = (isAsked: (key: string) => boolean): number =>
    Object.entries(today).reduce((sum, [key, count]) => sum + (isAsked(key) ? count : 0), 0);
  const of = (key: string): number => today[key] ?? 0;
  const refused = sumOf((key) => key.startsWith('refused_') && !key.startsWith('refused_by_'));
  const received = of('received');
  const braked = of('over_budget') + of('over_store_budget');
  const atSink = of('refused_by_sink');
  const delivered = of('forwarded') + atSink;
  return [
    ...alarmIf(
      received >= 100 && refused > mostRefused * received ? refused : 0,
      'refused',
      `${refused} of ${received} reports were refused today.`,
    ),
    ...alarmIf(braked, 'brake', `${braked} events were held back by the budget today.`),
    ...alarmIf(of('dead'), 'dead_letters', `${of('dead')} messages are among the dead letters.`),
    ...alarmIf(
      atSink > mostRefusedBySink * delivered ? atSink : 0,
      'refused_by_sink',
      `PostHog refused ${atSink} of ${delivered} events today.`,
    ),
    ...alarmIf(
      of('refused_by_store'),
      'refused_by_store',
      `The database refused ${of('refused_by_store')} events today.`,
    ),
  ];
}

function examineKey({ keyStatus }: Findings): readonly Alarm[] {
  return alarmIf(
    keyStatus === 401 ? 1 : 0,
    'key_refused',
    'PostHog does not know POSTHOG_KEY at POSTHOG_HOST. It answers 200 to events all the same, and drops them.',
  );
}

function describeRegression({ kind, name, newer, older }: Regression): Alarm {
  const percent = ({ failing, machines }: { failing: number; machines: number }): string =>
    `${((100 * failing) / machines).toFixed(1)} %`;
  return {
    reason: 'regression',
    text: `The ${kind} ${name} fails on ${percent(newer.cell)} of the machines with ${newer.version}; on ${percent(older.cell)} with ${older.version}.`,
    count: newer.cell.failing,
  };
}

function alarmIf(count: number, reason: Alarm['reason'], text: string): readonly Alarm[] {
  return count > 0 ? [{ reason, text, count }] : [];
}
