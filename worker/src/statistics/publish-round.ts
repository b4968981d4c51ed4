import { formatDay, type DayNumber } from '../../../contract/day.ts';
import type { AccountStore } from '../forward/account-store.ts';
import { publishLookBack } from '../limits.ts';
import { writeCsv } from './csv.ts';
import decisions from './decisions.md';
import { maxPeriods } from './page/charts.ts';
import { writePage } from './page/page.ts';
import { writeBadge } from './page/badge.ts';
import { openPages, type Page } from './page-store.ts';
import {
  before,
  isFinal,
  isPublishable,
  isWeek,
  periodsOf,
  spanOf,
  type Period,
} from './period.ts';
import { makePublished, type Counting, type Published } from './publish.ts';
import type { Cell } from './regression.ts';
import type { Rules } from './rules.ts';

interface RoundOptions {
  readonly db: D1Database;
  readonly account: AccountStore;
  readonly today: DayNumber;
  readonly rules: Rules;
}

/**
 * Publishes the weeks and months that have closed, and once more when they are final. Running it twice
 * changes nothing; ended between any two periods, the next round does the rest.
 */
export async function publishClosed(options: RoundOptions): Promise<readonly Period[]> {
  const { db, today, rules } = options;
  const pages = openPages(db);
  const done: Period[] = [];
  let all: readonly Published[] | undefined;
  // Months first: the page of a week names the newest.
  const [week, month] = periodsOf(today);
  // A demo has no time to wait for the end of the week.
  const running = rules.leastMachines === 1 ? [before(month), month, before(week), week] : [];
  for (const period of new Set([...closedPeriods(today), ...running])) {
    const state = running.includes(period) ? 'running' : await pages.readState(period);
    const wanted = isFinal(period, today) ? 'final' : 'published';
    if (state === 'final' || state === wanted) continue;
    const cells = await readCells(db, period);
    // Before the first report there is nothing to say.
    if (cells.length === 0) continue;
    all ??= await readPublished(db);
    const now = await publishPeriod(period, cells, all, options);
    all = [...all.filter(({ period: other }) => other !== period), now];
    done.push(period);
  }
  return done;
}

/** Closed periods of each kind, oldest first, months before weeks. */
function closedPeriods(today: DayNumber): readonly Period[] {
  const [week, month] = periodsOf(today);
  const closed = (newest: Period, count: number): Period[] => {
    const periods: Period[] = [];
    for (let period = before(newest); periods.length < count; period = before(period)) {
      periods.push(period);
    }
    return periods.toReversed().filter((period) => isPublishable(period, today));
  };
  return [...closed(month, publishLookBack), ...closed(week, publishLookBack)];
}

/** Publishes one period, beside all others: its JSON, and what is made from that alone. */
async function publishPeriod(
  period: Period,
  cells: readonly Cell[],
  all: readonly Published[],
  { db, account, today, rules }: RoundOptions,
): Promise<Published> {
  const published = formatDay(today);
  const rate = await db
    .prepare(`SELECT rate FROM rates WHERE sink = 'd1' AND period = ?1`)
    .bind(period)
    .first<number>('rate');
  const counting = await readCounting(account, period);
  const isLast = isFinal(period, today);
  const others = all.filter(({ period: other }) => other !== period);
  const machinesBefore =
    others.find(({ period: other }) => other === before(period))?.machines ?? null;
  const facts = { period, rate: rate ?? 1, published, isFinal: isLast, machinesBefore, counting };
  const now = makePublished(cells, facts, rules);
  const history = [...others, now]
    .filter((each) => isWeek(each.period) === isWeek(period) && each.from <= now.from)
    .toSorted((one, other) => (one.from < other.from ? -1 : 1))
    .slice(-maxPeriods);
  const month = all
    .filter((each) => !isWeek(each.period) && each.from <= now.from)
    .toSorted((one, other) => (one.from < other.from ? 1 : -1))[0];
  const json = JSON.stringify(now);
  const html = writePage(now, { history, month, decisions });
  const page = (path: string, type: string, body: string): Page => ({
    path,
    type,
    body,
    published,
  });
  const pages = [
    page(`/v1/stats/${period}.json`, 'application/json', json),
    page(`/v1/stats/${period}.csv`, 'text/csv; charset=utf-8', writeCsv(now)),
    page(`/stats/${period}`, 'text/html; charset=utf-8', html),
  ];
  const index = [...others, now]
    .map(({ period: name, machines, published: at, final }) => ({
      period: name,
      machines,
      published: at,
      final,
    }))
    .toSorted((one, other) => (one.period < other.period ? -1 : 1));
  pages.push(page('/v1/stats/index.json', 'application/json', JSON.stringify(index)));
  const isNewest =
    isWeek(period) && !index.some(({ period: other }) => isWeek(other) && other > period);
  if (isNewest) {
    pages.push(page('/stats', 'text/html; charset=utf-8', html));
    pages.push(page('/v1/stats.json', 'application/json', json));
    pages.push(page('/v1/stats.svg', 'image/svg+xml', writeBadge(history)));
  }
  const state = isLast ? 'final' : 'published';
  await openPages(db).write(pages, { period, state, published });
  return now;
}

async function readCells(db: D1Database, period: Period): Promise<readonly Cell[]> {
  const { results } = await db
    .prepare(
      'SELECT metric, value, machines, uses, errors, failing FROM cells WHERE period = ?1 AND machines > 0',
    )
    .bind(period)
    .all<Cell>();
  return results;
}

/** All that is published, from the JSON that was published: it is not made a second time. */
async function readPublished(db: D1Database): Promise<readonly Published[]> {
  const { results } = await db
    .prepare(
      `SELECT body FROM pages JOIN periods ON path = '/v1/stats/' || period || '.json'
       ORDER BY pages.published DESC LIMIT ?1`,
    )
    .bind(2 * maxPeriods)
    .all<{ body: string }>();
  return results.map(({ body }) => JSON.parse(body) as Published);
}

/** How the counting went on the days of a period and the few on which its reports came. */
async function readCounting(
  account: AccountStore,
  period: Period,
): Promise<Omit<Counting, 'ci_machines'>> {
  const span = spanOf(period) ?? { from: 0, to: 0 };
  const days = await account.readSums(formatDay(span.from));
  const last = formatDay(span.to + 1);
  const sums = [...days].filter(([day]) => day <= last).map(([, own]) => own);
  const total = (isAsked: (key: string) => boolean): number =>
    sums
      .flatMap((own) => Object.entries(own))
      .reduce((sum, [key, count]) => sum + (isAsked(key) ? count : 0), 0);
  const share = (part: number, whole: number): number =>
    whole === 0 ? 0 : Math.round((1_000 * part) / whole) / 10;
  const kept = total((key) => key === 'kept');
  return {
    refused: share(
      total((key) => key.startsWith('refused_') && !key.startsWith('refused_by_')),
      total((key) => key === 'received'),
    ),
    late: share(
      total((key) => key === 'late'),
      kept,
    ),
    held_back: share(
      total((key) => key === 'over_store_budget'),
      kept,
    ),
    newcomers_held: share(
      total((key) => key === 'newcomers_held'),
      total((key) => key === 'accepted'),
    ),
    canary: sums.every((own) => (own['canary_arrived'] ?? 0) >= (own['canary_sent'] ?? 0)),
  };
}
