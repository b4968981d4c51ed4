/** One measurement of one contestant. */
export type Sample<Result> = () => Promise<Result> | Result;

/**
 * Measures all contestants in turn, `rounds` times over, so that a noisy minute hits all of them
 * alike. Each round begins with another contestant: none always runs behind the same one.
 */
export async function interleave<Name extends string, Result>(
  contestants: { readonly [Key in Name]: Sample<Result> },
  rounds: number,
): Promise<{ readonly [Key in Name]: readonly Result[] }> {
  const names = Object.keys(contestants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as {
    [Key in Name]: Result[];
  };
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!;
      results[name].push(await contestants[name]());
    }
  }
  return results;
}

/** @throws RangeError without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError('median: expected values');
  return sorted.length % 2 === 1 ? upper : (upper + sorted[middle - 1]!) / 2;
}

/** The median of one field over several results. */
export function medianOf<Key extends string>(
  results: readonly { readonly [Field in Key]: number }[],
  key: Key,
): number {
  return median(results.map((result) => result[key]));
}

/** What `values` add to `baseline`: the median of the differences within each round. */
export function medianAdded(values: readonly number[], baseline: readonly number[]): number {
  return median(values.map((value, round) => value - baseline[round]!));
}
