/** The rules of publication. What does not pass here is in no page, no file and no picture. */
export interface Rules {
  /** k: a cell of fewer machines is never shown. */
  readonly leastMachines: number;
  /** No count is finer. */
  readonly leastUnit: number;
  /** With fewer machines in a period there are no cross tables. */
  readonly leastForCross: number;
}

export const publicRules: Rules = { leastMachines: 50, leastUnit: 10, leastForCross: 1_000 };

/** For a demo on one machine: everything is shown, exactly. The page says so in its head. */
export const demoRules: Rules = { leastMachines: 1, leastUnit: 1, leastForCross: 1 };

/** What a count is rounded to: two significant digits, never finer than the least unit. */
export function unitOf(count: number, { leastUnit }: Rules): number {
  if (leastUnit === 1) return 1;
  return Math.max(leastUnit, 10 ** (Math.floor(Math.log10(Math.max(1, count))) - 1));
}

export function roundCount(count: number, rules: Rules): number {
  const unit = unitOf(count, rules);
  return Math.round(count / unit) * unit;
}

/** A share of two rounded counts, in whole percent. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((100 * part) / whole);
}

/** A rate of two rounded counts, in tenths of a percent. */
export function rateOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1_000 * part) / whole) / 10;
}

interface Sized {
  /** Machines that were counted. */
  readonly counted: number;
  /** Machines that they stand for; the same where every machine is in the sample. */
  readonly machines: number;
}

/**
 * The cells of one metric that may be shown, the largest first, and how many may not. Cells of fewer than
 * k machines are hidden. Where the values divide the machines among them, a hidden one could be had by
 * subtraction; so the next smallest is hidden as well, as long as what is shown would pin a hidden cell
 * down to less than k.
 */
export function protect<Cell extends Sized>(
  cells: readonly Cell[],
  { whole, isPartition, rules }: { whole: number; isPartition: boolean; rules: Rules },
): { readonly shown: readonly Cell[]; readonly hidden: number } {
  const sorted = cells.toSorted((one, other) => other.machines - one.machines);
  const shown = sorted.filter(({ counted }) => counted >= rules.leastMachines);
  const small = sorted.length - shown.length;
  const isKnown = (): boolean =>
    widthOfSmallest({ whole, small, others: sorted.length - shown.length - small, shown }, rules) <
    rules.leastMachines;
  if (isPartition && small > 0) while (shown.length > 0 && isKnown()) shown.pop();
  return { shown, hidden: sorted.length - shown.length };
}

interface Division {
  readonly whole: number;
  /** Hidden cells of fewer than k machines, and those that are hidden for their sake. */
  readonly small: number;
  readonly others: number;
  readonly shown: readonly { readonly machines: number }[];
}

/** How closely a cell of fewer than k is known to a reader who subtracts what is shown. */
function widthOfSmallest({ whole, small, others, shown }: Division, rules: Rules): number {
  // A reader knows of a rounded count that the true one lies within half a unit.
  const range = (count: number): readonly [least: number, most: number] => {
    const rounded = roundCount(count, rules);
    const half = unitOf(count, rules) / 2;
    return [rounded - half, rounded + half];
  };
  const [leastWhole, mostWhole] = range(whole);
  const ranges = shown.map(({ machines }) => range(machines));
  const least = leastWhole - ranges.reduce((sum, [, most]) => sum + most, 0);
  const most = mostWhole - ranges.reduce((sum, [low]) => sum + low, 0);
  const smallestShown = Math.min(mostWhole, ...ranges.map(([, high]) => high));
  const restMost =
    others === 0
      ? (small - 1) * rules.leastMachines
      : (small + others - 1) * Math.max(rules.leastMachines, smallestShown);
  return Math.min(rules.leastMachines, most) - Math.max(0, least - restMost);
}
