import type { KeyedIds } from '../forward/keyed-ids.ts';
import type { Bound, MachineInCell } from './tally-events.ts';

/** As the database takes it: period, metric, value, mark, uses, errors, mark of failing or null. */
export type CellRow = readonly [
  period: string,
  metric: string,
  value: string,
  mark: number,
  uses: number,
  errors: number,
  failing: number | null,
];

/** Puts keyed marks in the place of the machines. */
export function markCells(
  cells: readonly MachineInCell[],
  { mark }: KeyedIds,
): Promise<readonly CellRow[]> {
  return Promise.all(
    cells.map(async ({ period, metric, value, machine, uses, errors }): Promise<CellRow> => {
      const own = await mark('cell', period, metric, value, machine);
      const failing = errors > 0 ? await mark('failing', period, metric, value, machine) : null;
      return [period, metric, value, own, uses, errors, failing];
    }),
  );
}

export function markBound({ day, name, machine }: Bound, { mark }: KeyedIds): Promise<number> {
  return mark('bound', day, name, machine);
}
