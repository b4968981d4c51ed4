import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { protect, publicRules, roundCount, unitOf } from './rules.ts';

const k = publicRules.leastMachines;

test.each([
  [0, 0],
  [4, 0],
  [5, 10],
  [54, 50],
  [55, 60],
  [149, 150],
  [1_249, 1_200],
  [41_449, 41_000],
  [1_949_999, 1_900_000],
])('publishes %i as %i', (count, rounded) => {
  expect(roundCount(count, publicRules)).toBe(rounded);
});

const populations = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 300_000 })),
  { minLength: 1, maxLength: 12 },
);

const cellsOf = (counts: readonly number[]): { counted: number; machines: number }[] =>
  counts.map((machines) => ({ counted: machines, machines }));

it('shows no cell of fewer than k machines, and no count of more than two digits', () => {
  fc.assert(
    fc.property(populations, fc.boolean(), (counts, isPartition) => {
      const whole = counts.reduce((sum, count) => sum + count, 0);
      const { shown } = protect(cellsOf(counts), { whole, isPartition, rules: publicRules });
      for (const { machines } of shown) {
        expect(machines).toBeGreaterThanOrEqual(k);
        const digits = String(roundCount(machines, publicRules)).replace(/0+$/, '');
        expect(digits.length).toBeLessThanOrEqual(2);
      }
    }),
  );
});

/**
 * What a reader of the rounded numbers can work out of the smallest value that is hidden, by sums and by
 * what the rules say of themselves. Written a second time, by trying every possible value.
 */
function possibleValues(counts: readonly number[], shown: readonly number[]): number {
  const whole = counts.reduce((sum, count) => sum + count, 0);
  const hidden = counts.length - shown.length;
  const isPossible = (value: number): boolean => {
    const half = (count: number): number => unitOf(count, publicRules) / 2;
    const rounded = (count: number): number => roundCount(count, publicRules);
    const low =
      rounded(whole) - half(whole) - shown.reduce((sum, n) => sum + rounded(n) + half(n), 0);
    const high =
      rounded(whole) + half(whole) - shown.reduce((sum, n) => sum + rounded(n) - half(n), 0);
    const areAllSmall = hidden === counts.filter((count) => count < k).length;
    const next = Math.min(...[whole, ...shown].map((n) => rounded(n) + half(n)));
    const largest = areAllSmall ? k : Math.max(k, next);
    return value <= high && value + (hidden - 1) * largest >= low;
  };
  return Array.from({ length: k + 1 }, (_, value) => value).filter(isPossible).length;
}

it('leaves a hidden value of a division anything up to k', () => {
  let hiddenByRule = 0;
  fc.assert(
    fc.property(populations, (counts) => {
      const whole = counts.reduce((sum, count) => sum + count, 0);
      const { shown, hidden } = protect(cellsOf(counts), {
        whole,
        isPartition: true,
        rules: publicRules,
      });
      if (hidden === 0 || shown.length === 0) return;
      hiddenByRule += 1;
      const values = possibleValues(
        counts,
        shown.map(({ machines }) => machines),
      );
      expect(values).toBeGreaterThanOrEqual(k);
    }),
    { numRuns: 2_000 },
  );
  expect(hiddenByRule).toBeGreaterThan(500);
});

it('hides the next smallest only where rounding does not do it', () => {
  const protectOf = (...counts: number[]): number =>
    protect(cellsOf(counts), {
      whole: counts.reduce((sum, count) => sum + count, 0),
      isPartition: true,
      rules: publicRules,
    }).shown.length;
  // Windows at 15 % stays, whatever the 37 machines of something else are.
  expect(protectOf(18_450, 16_400, 6_113, 37)).toBe(3);
  // Of a small period the sums are exact to some tens.
  expect(protectOf(410, 330, 37)).toBeLessThan(2);
});

it('asks a sample for k machines of its own', () => {
  const cells = [{ counted: 49, machines: 196 }];
  const { shown, hidden } = protect(cells, {
    whole: 1_000,
    isPartition: false,
    rules: publicRules,
  });
  expect([shown.length, hidden]).toEqual([0, 1]);
});
