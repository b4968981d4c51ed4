// A night in which ten people report says nothing.
const leastUsual = 20;
const leastDays = 7;

/** What is usual for an hour, by the same hour of other days; 0 where that is not known. */
export function usualOf(others: readonly number[]): number {
  if (others.length < leastDays) return 0;
  const sorted = others.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return median < leastUsual ? 0 : median;
}
