import { nameOf, type Published } from '../publish.ts';
import { shareOf } from '../rules.ts';
import { newestFirst } from '../versions.ts';
import { lineChart, type ChartData, type Series } from './chart.ts';
import type { Html } from './html.ts';
import { formatShort } from './words.ts';

// As many lines as can be told apart, and half a year of weeks.
const maxLines = 5;
export const maxPeriods = 26;

/** Machines of each period, with a mark where a release was first seen. `history` ends with this one. */
export function machinesChart(history: readonly Published[], noun: string): ChartData {
  return {
    title: `Machines that reported, by ${noun}`,
    days: history.map(({ from }) => from),
    labels: history.map(({ period }) => nameOf(period)),
    series: [{ name: 'machines', values: history.map(({ machines }) => machines) }],
    format: formatShort,
    marks: releases(history),
  };
}

/** The period in which a release was first published, but for those that were there at the start. */
function releases(history: readonly Published[]): readonly { at: number; name: string }[] {
  const seen = new Set<string>();
  const marks = history.flatMap(({ metrics }, at) => {
    const versions = (metrics.version?.cells ?? []).map(({ value }) => value);
    const fresh = versions.filter((value) => !seen.has(value) && /^[\d.]+$/.test(value));
    for (const version of versions) seen.add(version);
    const [newest] = fresh.toSorted(newestFirst);
    return at === 0 || newest === undefined ? [] : [{ at, name: newest }];
  });
  // Names of 40 pixels need their room.
  return marks.filter(
    ({ at }, index) => index === marks.length - 1 || (marks[index + 1]?.at ?? 0) - at > 2,
  );
}

/** Shares of the versions that lead at some time, the newest first, and of all others. */
export function versionsChart(history: readonly Published[], noun: string): Html {
  const peak = new Map<string, number>();
  for (const { machines, metrics } of history) {
    for (const { value, machines: own } of metrics.version?.cells ?? []) {
      peak.set(value, Math.max(peak.get(value) ?? 0, shareOf(own, machines ?? 0)));
    }
  }
  const leading = [...peak].toSorted(([, one], [, other]) => other - one).slice(0, maxLines);
  const names = leading.map(([name]) => name).toSorted(newestFirst);
  const series = names.map((name): Series => ({
    name,
    // One that is not shown in a period may still be there: no line is better than one at nothing.
    values: history.map(({ machines, metrics }) => {
      const cell = metrics.version?.cells.find(({ value }) => value === name);
      return cell === undefined ? null : shareOf(cell.machines, machines ?? 0);
    }),
  }));
  return lineChart({
    title: `Share of machines by version and ${noun}, in percent`,
    days: history.map(({ from }) => from),
    labels: history.map(({ period }) => nameOf(period)),
    series,
    format: (share) => `${share} %`,
    most: 100,
  });
}
