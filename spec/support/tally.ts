/** Sums of calls and errors by name, as `calls/errors`: short to write in an expectation. */
export type Tally = Readonly<Record<string, `${number}/${number}`>>;

/** Adds up counts of the same name, in whatever pieces they came. */
export function tally(
  counts: Iterable<readonly [name: string, calls: number, errors: number]>,
): Tally {
  const sums = new Map<string, readonly [calls: number, errors: number]>();
  for (const [name, calls, errors] of counts) {
    const [callsBefore, errorsBefore] = sums.get(name) ?? [0, 0];
    sums.set(name, [callsBefore + calls, errorsBefore + errors]);
  }
  return Object.fromEntries(
    Array.from(sums, ([name, [calls, errors]]) => [name, `${calls}/${errors}` as const]),
  );
}
