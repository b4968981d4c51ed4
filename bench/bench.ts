/** What a bench is: the seam between the measuring and the table. */

export type Unit = 'ns' | 'µs' | 'ms' | 'bytes' | 'kB' | 'MB' | 'files' | 'modules' | 'requests';

/** One line of the table. Figures are medians in `unit`. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: number;
  /** The published client's figure for the same, from the same run. */
  readonly published?: number;
  /** What else was measured beside it, by name; in the same unit, unless the name says how many. */
  readonly beside?: { readonly [name: string]: number };
  /** What ours has to keep to; undefined for a figure that is only shown. */
  readonly target?: Target;
  /** Why the target, or the published client's figure, is out of reach. Behind the published client without it, the bench fails. */
  readonly because?: string;
}

/**
 * At most so much in the row's unit; or so many times the figure of `of`, which is `published` or a name
 * in `beside`; or so much more than it.
 */
export type Target =
  | { readonly atMost: number }
  | { readonly times: number; readonly of: string }
  | { readonly plus: number; readonly of: string };

/** How much to measure: `quick` shows the order of magnitude, `full` is what docs/bench.md has. */
export type Effort = 'quick' | 'full';

/** What all benches of a run share. */
export interface Context {
  /** Where the peers are installed; undefined when they are not to be had. */
  readonly peers: string | undefined;
}

export interface Bench {
  readonly name: string;
  /** Measures in child processes of its own, each in a temporary home; nothing beyond loopback. */
  readonly run: (effort: Effort, context: Context) => Promise<readonly Row[]>;
}

/** Whether a row keeps to its target; undefined without one, or without what it is held against. */
export function isKept(row: Row): boolean | undefined {
  const { ours, target } = row;
  if (target === undefined) return undefined;
  if ('atMost' in target) return ours <= target.atMost;
  const other = target.of === 'published' ? row.published : row.beside?.[target.of];
  if (other === undefined) return undefined;
  return ours <= ('times' in target ? other * target.times : other + target.plus);
}

/** Whether the published client does better, or as well. */
export function isBehind({ ours, published }: Row): boolean {
  return published !== undefined && ours >= published && ours > 0;
}
