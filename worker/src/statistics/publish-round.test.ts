import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import * as v from 'valibot';
import { formatDay } from '../../../contract/day.ts';
import {
  envelope,
  indexProps,
  installProps,
  report,
  reportEvent,
  uninstallProps,
  usageProps,
} from '../../../contract/report/allowlist.ts';
import { dayNamed } from '../../test/services.ts';
import { emptyDatabase } from '../../test/statistics.ts';
import { openAccountStore } from '../forward/account-store.ts';
import { deleteOld } from '../hourly/delete-old.ts';
import worker from '../index.ts';
import { hiddenFields } from './fields.ts';
import { metrics, type Metric } from './metrics.ts';
import { publishClosed } from './publish-round.ts';
import type { Published } from './publish.ts';
import { demoRules, publicRules } from './rules.ts';

beforeEach(emptyDatabase);

const account = openAccountStore(env.DB);
// A Thursday: the week before is four days over.
const thursday = dayNamed('2026-11-26');

const publish = (
  today = thursday,
  rules = publicRules,
  db: D1Database = env.DB,
): ReturnType<typeof publishClosed> => publishClosed({ db, account, today, rules });

type Row = readonly [
  metric: string,
  value: string,
  machines: number,
  uses?: number,
  errors?: number,
  failing?: number,
];

async function fill(period: string, rows: readonly Row[]): Promise<void> {
  await env.DB.batch(
    rows.map(([metric, value, machines, uses = 0, errors = 0, failing = 0]) =>
      env.DB.prepare('INSERT INTO cells VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)').bind(
        period,
        metric,
        value,
        machines,
        uses,
        errors,
        failing,
      ),
    ),
  );
}

const population: readonly Row[] = [
  ['machines', 'all', 41_234, 9_000_000],
  ['ci', 'all', 4_321],
  ['os', 'darwin', 18_555],
  ['os', 'linux', 16_494],
  ['os', 'win32', 6_148],
  ['os', 'freebsd', 37],
  ['arch', 'x64', 20_617],
  ['arch', 'arm64', 20_616],
  ['arch', 'riscv64', 1],
  ['tool', 'codegraph_impact', 7_456, 101_234, 4_666, 800],
  ['tool', 'codegraph_files', 51, 49, 3, 2],
  ['tool_version', 'codegraph_impact 1.7.1', 5_000, 71_000, 4_300, 700],
  ['tool_version', 'codegraph_impact 1.7.0', 2_400, 30_000, 390, 90],
  ['version', '1.7.1', 29_000],
  ['version', '1.7.0', 11_000],
  ['version', '9.9.9', 3],
];

async function readPages(): Promise<ReadonlyMap<string, string>> {
  const { results } = await env.DB.prepare('SELECT path, body FROM pages').all<{
    path: string;
    body: string;
  }>();
  return new Map(results.map(({ path, body }) => [path, body]));
}

async function readWeek(): Promise<Published> {
  return JSON.parse((await readPages()).get('/v1/stats/2026-W47.json') ?? '') as Published;
}

it('publishes a week as its golden JSON', async () => {
  await fill('2026-W47', population);
  expect(await publish()).toEqual(['2026-W47']);
  const week = await readWeek();
  expect(week).toMatchObject({
    stats_version: 1,
    period: '2026-W47',
    from: '2026-11-16',
    to: '2026-11-22',
    published: '2026-11-26',
    final: false,
    rate: 1,
    machines: 41_000,
    k: 50,
  });
  expect(week.metrics.os).toEqual({
    whole: 41_000,
    hidden_values: 1,
    cells: [
      { value: 'darwin', machines: 19_000 },
      { value: 'linux', machines: 16_000 },
      { value: 'win32', machines: 6_100 },
    ],
  });
  expect(week.metrics.tool?.cells).toEqual([
    { value: 'codegraph_impact', machines: 7_500, uses: 100_000, error_rate: 4.7 },
    { value: 'codegraph_files', machines: 50, uses: 50, error_rate: 0 },
  ]);
  expect(week.regressions).toEqual([
    {
      kind: 'tool',
      name: 'codegraph_impact',
      version: '1.7.1',
      before: '1.7.0',
      error_rate: 6.1,
      error_rate_before: 1.3,
    },
  ]);
});

it('lets no lone value, no exact number and no number below k out', async () => {
  await fill('2026-W47', population);
  await publish();
  for (const [path, body] of await readPages()) {
    // The page has a list of what names mean, so a value must not stand in it even as a word.
    for (const planted of [
      'riscv64',
      'freebsd',
      'FreeBSD',
      '9.9.9',
      '41234',
      '41,234',
      '18555',
      '4321',
      '7456',
    ]) {
      expect([path, body.includes(planted)]).toEqual([path, false]);
    }
  }
  const { metrics: published } = await readWeek();
  for (const { cells } of Object.values(published)) {
    for (const { machines } of cells) {
      expect(machines).toBeGreaterThanOrEqual(50);
      expect(String(machines)).toMatch(/^\d{1,2}0*$/);
    }
  }
});

it('does the same twice, and once more when the week is final, and then never again', async () => {
  await fill('2026-W47', population);
  await publish();
  const first = await readPages();
  expect(await publish()).toEqual([]);
  expect(await readPages()).toEqual(first);
  expect(await publish(thursday + 4)).toEqual(['2026-W47']);
  expect((await readWeek()).final).toBe(true);
  await fill('2026-W47', [['tool', 'codegraph_node', 9_000]]);
  const last = await readPages();
  expect(await publish(thursday + 5)).toEqual([]);
  expect(await readPages()).toEqual(last);
});

it('ends right when it is killed between any two statements', async () => {
  for (const period of ['2026-10', '2026-W46', '2026-W47']) await fill(period, population);
  await publish();
  const whole = await readPages();
  for (let killedAt = 1; ; killedAt++) {
    await env.DB.batch(['pages', 'periods'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
    let batches = 0;
    const dying = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        batches += 1;
        if (batches === killedAt) throw new Error('killed');
        return env.DB.batch(statements);
      },
      // Only what the round uses of it.
    } as unknown as D1Database;
    const isDone = await publish(thursday, publicRules, dying).then(
      () => true,
      () => false,
    );
    await publish();
    expect(await readPages()).toEqual(whole);
    if (isDone) break;
  }
});

it('says that there are too few, and shows no cross tables of a small period', async () => {
  await fill('2026-W46', [
    ['machines', 'all', 49],
    ['os', 'linux', 49],
  ]);
  await fill('2026-W47', [
    ['machines', 'all', 900],
    ['tool', 'codegraph_node', 800, 900],
    ['tool_agent', 'codegraph_node cursor', 700, 800],
  ]);
  await publish();
  const pages = await readPages();
  expect(JSON.parse(pages.get('/v1/stats/2026-W46.json') ?? '')).toMatchObject({
    machines: null,
    metrics: {},
  });
  expect(pages.get('/stats/2026-W46')).toContain('too few');
  const { metrics: small } = await readWeek();
  expect(small.tool?.cells).toHaveLength(1);
  expect(small.tool_agent).toBeUndefined();
});

it('shows nothing of a week that a flood has left only a few of its machines', async () => {
  await fill('2026-W46', population);
  await fill('2026-W47', [
    ['machines', 'all', 18_000],
    ['os', 'linux', 18_000],
  ]);
  await account.add(Date.parse('2026-11-18T12:00:00Z'), { accepted: 100, newcomers_held: 40 });
  await publish();
  expect(await readWeek()).toMatchObject({ machines: null, metrics: {} });
  expect((await readPages()).get('/stats')).toContain('Far too many new machines');
});

it('scales a sample up, and asks it for k machines of its own', async () => {
  await fill('2026-W47', [
    ['machines', 'all', 10_000],
    ['tool', 'codegraph_node', 49, 60],
    ['tool', 'codegraph_files', 500, 600],
  ]);
  await env.DB.prepare(`INSERT INTO rates VALUES ('d1', '2026-W47', 0.25)`).run();
  await publish();
  const week = await readWeek();
  expect([week.rate, week.machines]).toEqual([0.25, 40_000]);
  expect(week.metrics.tool).toEqual({
    whole: 40_000,
    hidden_values: 1,
    cells: [{ value: 'codegraph_files', machines: 2_000, uses: 2_400, error_rate: 0 }],
  });
});

it('shows a demo everything, and says so in its head', async () => {
  await fill('2026-W48', [
    ['machines', 'all', 2],
    ['os', 'linux', 2],
  ]);
  await publish(thursday, demoRules);
  const page = (await readPages()).get('/stats') ?? '';
  expect(page).toContain('A demo.');
  expect(page).toContain('k = 1');
  expect((await readPages()).get('/v1/stats.json')).toContain('"machines":2');
});

it('deletes the marks of a closed period, and keeps its cells', async () => {
  await env.DB.batch([
    env.DB.prepare(`INSERT INTO rates VALUES ('d1', '2026-W47', 1), ('d1', '2026-W48', 1)`),
    env.DB.prepare(`INSERT INTO marks VALUES ('2026-W47', 1), ('2026-W47', 2), ('2026-W48', 1)`),
  ]);
  await fill('2026-W47', population);
  const count = (table: string): Promise<number | null> =>
    env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>('n');
  await deleteOld(env.DB, dayNamed('2026-11-29'));
  expect(await count('marks')).toBe(3);
  await deleteOld(env.DB, dayNamed('2026-11-30'));
  expect(await count('marks')).toBe(1);
  expect(await count('cells')).toBe(population.length);
  await deleteOld(env.DB, dayNamed('2028-01-30'));
  expect(await count('cells')).toBe(0);
});

it('is served from the table, to read and to embed, and is nowhere when it is off', async () => {
  await fill('2026-W47', population);
  await publish();
  const ask = (path: string, method = 'GET', more: object = {}): Promise<Response> =>
    worker.fetch(new Request(`https://ingest.example${path}`, { method }), { ...env, ...more }, {
      waitUntil: () => {},
    } as unknown as ExecutionContext);
  const page = await ask('/stats/2026-W47');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-/,
  );
  expect(page.headers.get('access-control-allow-origin')).toBeNull();
  const json = await ask('/v1/stats.json');
  expect(json.headers.get('access-control-allow-origin')).toBe('*');
  expect(await json.json()).toMatchObject({ period: '2026-W47' });
  expect((await ask('/v1/stats/2026-W47.csv')).status).toBe(200);
  expect((await ask('/v1/stats.svg')).headers.get('content-type')).toBe('image/svg+xml');
  expect((await ask('/v1/stats/index.json')).status).toBe(200);
  expect((await ask('/stats', 'HEAD')).status).toBe(200);
  expect((await ask('/stats', 'POST')).status).toBe(405);
  expect((await ask('/v1/stats.json', 'OPTIONS')).status).toBe(405);
  expect((await ask('/stats/2026-W48')).status).toBe(404);
  expect((await ask('/stats', 'GET', { PUBLIC_STATS: 'off' })).status).toBe(404);
});

// Where each field can be seen.
const shownFields: Readonly<Record<string, readonly Metric[]>> = {
  machine_id: ['machines'],
  codegraph_version: ['version', 'tool_version', 'command_version'],
  os: ['os'],
  arch: ['arch'],
  node_major: ['node'],
  kind: ['tool', 'command', 'install_kind'],
  name: ['tool', 'command'],
  count: ['tool', 'command'],
  error_count: ['tool', 'command'],
  client_name: ['agent', 'tool_agent'],
  languages: ['language'],
  file_count_bucket: ['size_duration'],
  duration_bucket: ['size_duration'],
  targets: ['target'],
};

it('has every field of the allowlist on the page, or a reason why it is not', () => {
  const names = (schema: { readonly entries: object }): string[] => Object.keys(schema.entries);
  const fields = new Set([
    ...names(envelope),
    ...names(report),
    ...reportEvent.options.flatMap(names),
    ...usageProps.options.flatMap(names),
    ...names(indexProps),
    ...names(installProps),
    ...names(uninstallProps),
  ]);
  // What holds the others.
  for (const container of ['events', 'props']) fields.delete(container);
  expect([...Object.keys(shownFields), ...Object.keys(hiddenFields)].toSorted()).toEqual(
    [...fields].toSorted(),
  );
  expect(
    Object.values(shownFields)
      .flat()
      .every((metric) => v.is(v.picklist(metrics), metric)),
  ).toBe(true);
  expect(new Set(Object.values(shownFields).flat()).size).toBe(metrics.length);
  expect(formatDay(thursday)).toBe('2026-11-26');
});
