import { randomUUID } from 'node:crypto';
import type { Query } from './d1.ts';

/** One thing that was looked at. */
export interface Check {
  readonly what: string;
  readonly isOk: boolean;
  readonly found: string;
}

interface Patient {
  readonly query: Query;
  /** Public address, without a slash at the end. */
  readonly url: string;
  readonly now: number;
}

const tables = [
  'allowances',
  'cells',
  'hours',
  'marks',
  'pages',
  'periods',
  'rates',
  'report_ids',
  'signs',
  'spending',
  'sums',
];

const hourMs = 3_600_000;

/**
 * Looks at a running ingest: its tables, what its hourly round noted, its health, and one real report by
 * its public address. The report says that it is of a build machine, so it counts nowhere.
 */
export async function examineIngest(patient: Patient): Promise<readonly Check[]> {
  const checks = [checkTables, checkPost, checkHealth, checkSigns, checkPages];
  const found: Check[] = [];
  for (const check of checks) {
    try {
      found.push(...(await check(patient)));
    } catch (error) {
      const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'failed';
      found.push({ what: check.name, isOk: false, found: message });
    }
  }
  return found;
}

async function checkTables({ query }: Patient): Promise<readonly Check[]> {
  const rows = await query(`SELECT name FROM sqlite_master WHERE type = 'table'`);
  const names = new Set(rows.map(({ name }) => name));
  const missing = tables.filter((table) => !names.has(table));
  const found =
    missing.length === 0 ? 'all there' : `missing: ${missing.join(', ')}; apply the migrations`;
  return [{ what: 'tables', isOk: missing.length === 0, found }];
}

async function checkPost({ url, now }: Patient): Promise<readonly Check[]> {
  const { status } = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      machine_id: randomUUID(),
      codegraph_version: 'other',
      os: 'other',
      arch: 'other',
      node_major: 0,
      ci: true,
      schema_version: 3,
      batch_id: randomUUID(),
      events: [
        {
          event: 'usage_rollup',
          ts: new Date(now).toISOString(),
          event_id: randomUUID(),
          props: { kind: 'cli_command', name: 'other', count: 1, error_count: 0 },
        },
      ],
    }),
  });
  return [{ what: 'a report by the public address', isOk: status === 204, found: String(status) }];
}

async function checkHealth({ url }: Patient): Promise<readonly Check[]> {
  const { status } = await fetch(`${url}/v1/health`);
  return [{ what: 'health', isOk: status === 200, found: String(status) }];
}

/** What the round has noted, with its age; a sign that should be fresh and is not. */
async function checkSigns({ query, now }: Patient): Promise<readonly Check[]> {
  const rows = await query('SELECT key, at FROM signs ORDER BY key');
  const ages = new Map(rows.map(({ key, at }) => [String(key), (now - Number(at)) / hourMs]));
  const fresh = ['round', 'canary_sent', 'canary_arrived'];
  return [...new Set([...fresh, ...ages.keys()])].map((key) => {
    const age = ages.get(key);
    const isAlarm = /^alert_|^store_failed$|^newcomers_held$/.test(key);
    const isOk = isAlarm ? (age ?? 24) >= 24 : (age ?? 2) < 2;
    return { what: key, isOk, found: age === undefined ? 'never' : `${age.toFixed(1)} hours ago` };
  });
}

async function checkPages({ query }: Patient): Promise<readonly Check[]> {
  const [newest] = await query('SELECT max(period) AS period FROM periods');
  const [size] = await query('SELECT count(*) AS marks FROM marks');
  const period = newest?.['period'];
  const marks = Number(size?.['marks'] ?? 0);
  return [
    {
      what: 'newest published period',
      isOk: true,
      found: typeof period === 'string' ? period : 'nothing yet',
    },
    { what: 'marks', isOk: true, found: String(marks) },
  ];
}
