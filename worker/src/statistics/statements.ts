import { maxRowsPerStatement } from '../limits.ts';
import type { CellRow } from './cell-rows.ts';

/** Rows as JSON texts, each short enough for one value of D1. */
function chunk(rows: readonly unknown[]): readonly string[] {
  const chunks: string[] = [];
  for (let from = 0; from < rows.length; from += maxRowsPerStatement) {
    chunks.push(JSON.stringify(rows.slice(from, from + maxRowsPerStatement)));
  }
  return chunks;
}

/** A statement for each chunk of rows; `sql` gets them as ?1. */
export function forRows(
  db: D1Database,
  sql: string,
  rows: readonly unknown[],
  ...bound: readonly unknown[]
): readonly D1PreparedStatement[] {
  return chunk(rows).map((text) => db.prepare(sql).bind(text, ...bound));
}

const isNew = (mark: string): string =>
  `NOT EXISTS (SELECT 1 FROM marks WHERE period = row.value ->> 0 AND mark = row.value ->> ${mark})`;

/** Adds each row to its cell, its machine only where it has no mark there yet. Marks come after. */
const addCells = `
  INSERT INTO cells (period, metric, value, machines, uses, errors, failing)
  SELECT row.value ->> 0, row.value ->> 1, row.value ->> 2,
    sum(${isNew('3')}), sum(row.value ->> 4), sum(row.value ->> 5),
    sum(row.value ->> 6 IS NOT NULL AND ${isNew('6')})
  FROM json_each(?1) AS row WHERE true GROUP BY 1, 2, 3
  ON CONFLICT DO UPDATE SET machines = machines + excluded.machines, uses = uses + excluded.uses,
    errors = errors + excluded.errors, failing = failing + excluded.failing`;

const addMarks = 'INSERT OR IGNORE INTO marks SELECT value ->> 0, value ->> 1 FROM json_each(?1)';

/** What counts rows: pairs of statements that belong into one transaction. */
export function countRows(
  db: D1Database,
  rows: readonly CellRow[],
): readonly D1PreparedStatement[] {
  const marks = rows.flatMap(([period, , , mark, , , failing]) =>
    failing === null
      ? [[period, mark]]
      : [
          [period, mark],
          [period, failing],
        ],
  );
  return [...forRows(db, addCells, rows), ...forRows(db, addMarks, marks)];
}

/** Deletes what `where` selects of a table, so much at a time, until it is gone or time is up. */
export async function deleteInChunks(
  db: D1Database,
  { table, key, where, bound }: Deletion,
  maxChunks: number,
): Promise<number> {
  const statement = db
    .prepare(
      `DELETE FROM ${table} WHERE (${key}) IN
       (SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${maxRowsPerStatement})`,
    )
    .bind(...bound);
  let deleted = 0;
  for (let chunks = 0; chunks < maxChunks; chunks++) {
    const { meta } = await statement.run();
    deleted += meta.changes;
    if (meta.changes < maxRowsPerStatement) break;
  }
  return deleted;
}

/** Names of this code, never of a report. */
interface Deletion {
  readonly table: string;
  readonly key: string;
  readonly where: string;
  readonly bound: readonly (string | number)[];
}
