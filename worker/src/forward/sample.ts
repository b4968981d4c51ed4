/**
 * Whether a machine is in a sample of this share. Its id is a keyed hash, so nobody outside can choose
 * one that is in; and who is in a small sample is in every larger one.
 */
export function isInSample(distinctId: string, rate: number): boolean {
  return rate >= 1 || Number.parseInt(distinctId.slice(0, 8), 16) / 2 ** 32 < rate;
}

/** The largest of 1, 1/2, 1/4, … by which `expected` stays within `bound`. */
export function rateWithin(expected: number, bound: number): number {
  // A millionth: beyond it a bound has lost its meaning.
  for (let rate = 1; rate > 2 ** -20; rate /= 2) if (expected * rate <= bound) return rate;
  return 2 ** -20;
}
