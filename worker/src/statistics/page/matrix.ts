import type { PublishedCell } from '../publish.ts';
import { shareOf } from '../rules.ts';
import { html, type Html } from './html.ts';
import { formatCount, nameValue } from './words.ts';

interface Matrix {
  readonly caption: string;
  readonly head: string;
  /** Values `column row` with a space between, or the other way round. */
  readonly cells: readonly PublishedCell[];
  readonly isRowFirst: boolean;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Machines of a row, which its shares are of. */
  readonly wholeOf: (row: string) => number;
  readonly shorten?: (column: string) => string;
}

/** A table of shares, each shaded by its size; what is not published is a dot. */
export function matrixTable(matrix: Matrix): Html {
  const { caption, head, cells, isRowFirst, rows, columns, wholeOf, shorten = nameValue } = matrix;
  const machines = new Map(cells.map(({ value, machines: own }) => [value, own]));
  const cellOf = (row: string, column: string): Html => {
    const count = machines.get(isRowFirst ? `${row} ${column}` : `${column} ${row}`);
    if (count === undefined) return html`<td class="n"><span aria-label="not shown">·</span></td>`;
    const share = Math.min(100, shareOf(count, wholeOf(row)));
    return html`<td class="n h${Math.round(share / 10)}">${share}</td>`;
  };
  return html`<p class="caption">${caption}</p>
    <div class="wide" tabindex="0" role="region" aria-label="${caption}">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">${head}</th>
            ${columns.map((column) => html`<th scope="col" class="n">${shorten(column)}</th>`)}
            <th scope="col" class="n">Machines</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <th scope="row">${nameValue(row)}</th>
                ${columns.map((column) => cellOf(row, column))}
                <td class="n">${formatCount(wholeOf(row))}</td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>`;
}
