import { expect, it } from 'vitest';
import { architectures, operatingSystems } from './lists.ts';

/**
 * An ID serves one month. What a report says of its machine could link two months all the same, if few
 * machines said the same: a generated population says how few.
 */

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** One of a list, each half as often as the one before it. */
const pick = <Item>(list: readonly Item[], random: number): Item =>
  list[Math.min(list.length - 1, Math.floor(-Math.log2(1 - random)))]!;

// As they are in use at one time: four releases, three lines of Node, and a rare system here and there.
const versions = ['1.7.1', '1.7.0', '1.6.1', '1.6.0'];
const nodes = [24, 22, 20];

it('leaves few machines of a population alone with what they say', () => {
  const next = randomOf(7);
  const machines = 10_000;
  const crowds = new Map<string, number>();
  for (let machine = 0; machine < machines; machine++) {
    const facts = [pick(versions, next()), pick(nodes, next()), next() < 0.1];
    const place = [pick(operatingSystems, next()), pick(architectures, next())];
    const key = [...facts, ...place].join();
    crowds.set(key, (crowds.get(key) ?? 0) + 1);
  }
  const share = (most: number): number =>
    [...crowds.values()].filter((size) => size <= most).reduce((sum, size) => sum + size, 0) /
    machines;
  // Measured: 278 combinations, 22 machines alone, 4.9 % in company of fewer than ten. With every system and
  // architecture that Node knows it was 760, 274 and 15.6 %.
  expect(crowds.size).toBeLessThanOrEqual(288);
  expect(share(1)).toBeLessThan(0.003);
  expect(share(9)).toBeLessThan(0.06);
});
