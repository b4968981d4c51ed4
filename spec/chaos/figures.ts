/** How often each of many things was seen, by its name. */
export type Figures = ReadonlyMap<string, number>;

/** One more of them. */
export function add<Name extends string>(figures: Map<Name, number>, name: Name): void {
  figures.set(name, (figures.get(name) ?? 0) + 1);
}

/** All of them together. */
export function sumFigures(parts: readonly Figures[]): Figures {
  const sums = new Map<string, number>();
  for (const [name, count] of parts.flatMap((part) => [...part])) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
}

/** As lines under a title, the most frequent first. */
export function tellFigures(title: string, figures: Figures): string {
  const total = [...figures.values()].reduce((sum, count) => sum + count, 0);
  const lines = [...figures]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${String(count).padStart(8)}  ${name}`);
  return [`${title}: ${total}`, ...lines].join('\n');
}
