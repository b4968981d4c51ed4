import { newestFirst } from './versions.ts';

/** What the database holds of one value in one period. */
export interface Cell {
  readonly metric: string;
  readonly value: string;
  readonly machines: number;
  readonly uses: number;
  readonly errors: number;
  readonly failing: number;
}

/** A tool or command that fails on more machines since a release. */
export interface Regression {
  readonly kind: 'tool' | 'command';
  readonly name: string;
  readonly newer: { readonly version: string; readonly cell: Cell };
  readonly older: { readonly version: string; readonly cell: Cell };
}

// Of fewer, a share is not known well enough.
const leastMachines = 200;

// Half as many more fail, and that is no accident: a z of 4 comes by itself once in 30,000 times.
const leastRatio = 1.5;
const leastZ = 4;

/** By the share of a name's machines on which it failed, newest version against the one before. */
export function findRegressions(cells: readonly Cell[]): readonly Regression[] {
  return (['tool', 'command'] as const).flatMap((kind) => {
    const crossed = cells
      .filter(({ metric, machines }) => metric === `${kind}_version` && machines >= leastMachines)
      .map((cell) => {
        const [name = '', version = ''] = cell.value.split(' ');
        return { name, version, cell };
      });
    return [...Map.groupBy(crossed, ({ name }) => name)].flatMap(([name, own]) => {
      const [newer, older] = own.toSorted((one, other) => newestFirst(one.version, other.version));
      if (newer === undefined || older === undefined || !isWorse(newer.cell, older.cell)) return [];
      return [{ kind, name, newer, older }];
    });
  });
}

/** The test of two proportions. */
function isWorse(newer: Cell, older: Cell): boolean {
  const now = newer.failing / newer.machines;
  const then = older.failing / older.machines;
  const pooled = (newer.failing + older.failing) / (newer.machines + older.machines);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / newer.machines + 1 / older.machines));
  return now > leastRatio * then && now - then > leastZ * spread;
}
