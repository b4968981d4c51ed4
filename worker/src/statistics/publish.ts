import { formatDay } from '../../../contract/day.ts';
import { crossTables, metrics, partitions, used, type Metric } from './metrics.ts';
import { isWeek, spanOf, type Period } from './period.ts';
import { findRegressions, type Cell } from './regression.ts';
import { protect, rateOf, roundCount, type Rules } from './rules.ts';

/** `/v1/stats/PERIOD.json`: all that is published of a period. Pages and files are made from this alone. */
export interface Published {
  readonly stats_version: 1;
  readonly period: Period;
  readonly from: string;
  readonly to: string;
  readonly published: string;
  readonly final: boolean;
  /** The share of machines that was counted; counts are scaled by it. */
  readonly rate: number;
  /** Null where there are too few. */
  readonly machines: number | null;
  readonly k: number;
  readonly metrics: Readonly<Partial<Record<Metric, PublishedMetric>>>;
  readonly regressions: readonly PublishedRegression[];
  readonly counting: Counting;
}

interface PublishedMetric {
  readonly whole: number;
  readonly hidden_values: number;
  readonly cells: readonly PublishedCell[];
}

export interface PublishedCell {
  readonly value: string;
  readonly machines: number;
  readonly uses?: number;
  /** In percent of the uses. */
  readonly error_rate?: number;
}

export interface PublishedRegression {
  readonly kind: 'tool' | 'command';
  readonly name: string;
  readonly version: string;
  readonly before: string;
  /** In percent of the uses with each version. That it is worse is told by machines. */
  readonly error_rate: number;
  readonly error_rate_before: number;
}

/** How well the counting went, in percent of the reports or events of the period's days. */
export interface Counting {
  readonly refused: number;
  readonly late: number;
  readonly held_back: number;
  /** Reports of new machines that were held back, because far too many came at once. */
  readonly newcomers_held: number;
  /** Build machines; null where there are fewer than k. */
  readonly ci_machines: number | null;
  /** Whether the ingest's own reports arrived in each of the last hours. */
  readonly canary: boolean;
}

export interface PeriodFacts {
  readonly period: Period;
  readonly rate: number;
  readonly published: string;
  readonly isFinal: boolean;
  /** What is published of the period before. */
  readonly machinesBefore: number | null;
  readonly counting: Omit<Counting, 'ci_machines'>;
}

/** @throws RangeError for what is no period. */
export function makePublished(
  cells: readonly Cell[],
  { period, rate, published, isFinal, machinesBefore, counting }: PeriodFacts,
  rules: Rules,
): Published {
  const span = spanOf(period);
  if (span === undefined) throw new RangeError(`expected a week or a month, got ${period}`);
  const find = (metric: string): number =>
    cells.find((cell) => cell.metric === metric && cell.value === 'all')?.machines ?? 0;
  const counted = find('machines');
  const buildMachines = find('ci');
  const whole = counted / rate;
  // Of a period that lost most of its machines to a flood, what is left may be the flood.
  const isHollow = counting.newcomers_held > 0 && whole < (machinesBefore ?? 0) / 2;
  const isEnough = counted >= rules.leastMachines && !isHollow;
  const round = (count: number): number => roundCount(count / rate, rules);
  const shownMetrics = metrics.filter(
    (metric) => metric !== 'machines' && (whole >= rules.leastForCross || !crossTables.has(metric)),
  );
  const byMetric = Map.groupBy(cells, ({ metric }) => metric);
  const entries = shownMetrics.map((metric) => {
    const own = (byMetric.get(metric) ?? []).map((cell) => ({
      cell,
      counted: cell.machines,
      machines: cell.machines / rate,
    }));
    const { shown, hidden } = protect(own, { whole, isPartition: partitions.has(metric), rules });
    const rounded = shown.map(({ cell }) => publishCell(cell, metric, round));
    return [metric, { whole: round(counted), hidden_values: hidden, cells: inOrder(rounded) }];
  });
  return {
    stats_version: 1,
    period,
    from: formatDay(span.from),
    to: formatDay(span.to),
    published,
    final: isFinal,
    rate,
    machines: isEnough ? round(counted) : null,
    k: rules.leastMachines,
    metrics: isEnough ? Object.fromEntries(entries) : {},
    regressions: isEnough && whole >= rules.leastForCross ? publishRegressions(cells, round) : [],
    counting: {
      ...counting,
      ci_machines: buildMachines < rules.leastMachines ? null : round(buildMachines),
    },
  };
}

function publishCell(
  { value, machines, uses, errors }: Cell,
  metric: Metric,
  round: (count: number) => number,
): PublishedCell {
  if (!used.has(metric)) return { value, machines: round(machines) };
  const rounded = { value, machines: round(machines), uses: round(uses) };
  return { ...rounded, error_rate: rateOf(round(errors), rounded.uses) };
}

/** By what is published: the order must not say which of two equal ones is larger. */
function inOrder(cells: readonly PublishedCell[]): readonly PublishedCell[] {
  return cells.toSorted(
    (one, other) => other.machines - one.machines || (one.value < other.value ? -1 : 1),
  );
}

function publishRegressions(
  cells: readonly Cell[],
  round: (count: number) => number,
): readonly PublishedRegression[] {
  return findRegressions(cells).map(({ kind, name, newer, older }) => ({
    kind,
    name,
    version: newer.version,
    before: older.version,
    error_rate: rateOf(round(newer.cell.errors), round(newer.cell.uses)),
    error_rate_before: rateOf(round(older.cell.errors), round(older.cell.uses)),
  }));
}

/** The title of a period, as people say it. */
export function nameOf(period: Period): string {
  if (isWeek(period)) return `Week ${Number(period.slice(6))} of ${period.slice(0, 4)}`;
  const month = new Date(`${period}-01T00:00:00Z`);
  return month.toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
}
