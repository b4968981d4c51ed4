import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crossTables, metrics, partitions, used, type Metric } from './metrics.ts';
import { makePublished, type Published } from './publish.ts';
import type { Cell } from './regression.ts';
import { publicRules, rateOf, roundCount, shareOf } from './rules.ts';

const k = publicRules.leastMachines;

const countOf = fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 300_000 }));

/** Each machine uses a value at least once, and fails at most as often. */
const cellOf = (metric: string): fc.Arbitrary<Cell> =>
  fc
    .record({
      value: fc.stringMatching(/^[a-z]{3,8}$/),
      machines: countOf,
      usesEach: fc.double({ min: 1, max: 300, noNaN: true }),
      errorRate: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ value, machines, usesEach, errorRate }) => {
      const uses = Math.round(machines * usesEach);
      const errors = Math.round(uses * errorRate);
      return { metric, value, machines, uses, errors, failing: Math.min(machines, errors) };
    });

const cellsOf = (metric: Metric): fc.Arbitrary<readonly Cell[]> =>
  fc.uniqueArray(cellOf(metric), { maxLength: 8, selector: ({ value }) => value });

/** A week: its machines, its build machines, and cells of every metric. */
const population = fc
  .tuple(
    fc.tuple(...metrics.filter((metric) => metric !== 'machines').map(cellsOf)),
    countOf,
    countOf,
  )
  .map(([lists, more, builds]): readonly Cell[] => {
    const cells = lists.flat();
    const sums = [...partitions].map((metric) =>
      cells.filter((cell) => cell.metric === metric).reduce((sum, cell) => sum + cell.machines, 0),
    );
    const all = (metric: string, machines: number): Cell => ({
      metric,
      value: 'all',
      machines,
      uses: 0,
      errors: 0,
      failing: 0,
    });
    const whole = Math.max(more, ...sums, ...cells.map(({ machines }) => machines));
    return [all('machines', whole), all('ci', builds), ...cells];
  });

function publish(cells: readonly Cell[]): Published {
  return makePublished(
    cells,
    {
      period: '2026-W47',
      rate: 1,
      published: '2026-11-26',
      isFinal: false,
      machinesBefore: null,
      counting: { refused: 0, late: 0, held_back: 0, newcomers_held: 0, canary: true },
    },
    publicRules,
  );
}

it('publishes no count below k, and none of more than two digits, anywhere in the JSON', () => {
  fc.assert(
    fc.property(population, (cells) => {
      const { machines, metrics: shown, counting } = publish(cells);
      const counts = Object.values(shown).flatMap((metric) => [
        metric.whole,
        ...metric.cells.flatMap((cell) => [cell.machines, cell.uses ?? k]),
      ]);
      for (const count of [...counts, machines ?? k, counting.ci_machines ?? k]) {
        expect(count).toBeGreaterThanOrEqual(k);
        expect(String(count)).toMatch(/^\d{1,2}0*$/);
      }
    }),
  );
});

it('publishes rates and shares that the published counts give, and no finer ones', () => {
  fc.assert(
    fc.property(population, (cells) => {
      const { machines, metrics: shown } = publish(cells);
      for (const [metric, { whole, cells: own }] of Object.entries(shown)) {
        expect(whole).toBe(machines);
        expect(crossTables.has(metric as Metric) && (machines ?? 0) < 1_000).toBe(false);
        for (const { value, uses = 0, error_rate, machines: count } of own) {
          const cell = cells.find((each) => each.metric === metric && each.value === value);
          const errors = roundCount(cell?.errors ?? 0, publicRules);
          expect(error_rate).toBe(used.has(metric as Metric) ? rateOf(errors, uses) : undefined);
          // The page computes its shares from these two, which have two digits each.
          expect(Number.isInteger(shareOf(count, whole))).toBe(true);
        }
      }
    }),
  );
});
