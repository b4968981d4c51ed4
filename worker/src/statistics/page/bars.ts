import type { PublishedCell, PublishedRegression } from '../publish.ts';
import { shareOf } from '../rules.ts';
import { html, nothing, type Html } from './html.ts';
import { formatCount, formatRate, formatShare, formatShort, nameValue } from './words.ts';

interface BarTable {
  readonly caption: string;
  /** Head of the first column. */
  readonly head: string;
  readonly whole: number;
  readonly cells: readonly PublishedCell[];
  readonly hidden: number;
  readonly k: number;
  /** Values are names that people type, in a fixed width. */
  readonly isCode?: boolean;
  readonly regressions?: readonly PublishedRegression[];
  readonly nameOf?: (value: string) => string;
}

// More stand in a list that opens.
const shownRows = 14;

/**
 * A table whose share has a bar behind it: read aloud it is a table, and printed too. The bar's width
 * is a class of the style sheet, because the page allows no style of an element's own. Where a
 * phone lays the rows out otherwise, the roles are written out: a browser would forget what they are.
 */
export function barTable(table: BarTable): Html {
  const { cells, hidden, k } = table;
  const rest = cells.slice(shownRows);
  return html`${tableOf(table, cells.slice(0, shownRows), table.caption)}${
    rest.length === 0
      ? nothing
      : html`<details>
          <summary>${rest.length} more</summary>
          ${tableOf(table, rest, `${table.caption}, continued`)}
        </details>`
  }${hiddenNote(hidden, k)}`;
}

function tableOf(table: BarTable, cells: readonly PublishedCell[], caption: string): Html {
  const hasUses = table.cells.some(({ uses }) => uses !== undefined);
  const role = (name: string): Html => (hasUses ? html` role="${name}"` : nothing);
  return html`<table${role('table')} class="bars${hasUses ? ' uses' : ''}">
    <caption>
      ${caption}
    </caption>
    <thead${role('rowgroup')}>
      <tr${role('row')}>
        <th${role('columnheader')}>${table.head}</th>
        <th${role('columnheader')}>Machines</th>
        ${
          hasUses
            ? html`<th role="columnheader" class="n">Uses</th>
                <th role="columnheader" class="n">Failed</th>`
            : nothing
        }
      </tr>
    </thead>
    <tbody${role('rowgroup')}>
      ${cells.map((cell) => row(cell, table, role))}
    </tbody>
  </table>`;
}

function row(cell: PublishedCell, table: BarTable, role: (name: string) => Html): Html {
  const { value, machines, uses } = cell;
  const { whole, isCode = false, nameOf = nameValue } = table;
  const share = Math.min(100, shareOf(machines, whole));
  const name = nameOf(value);
  return html`<tr${role('row')}>
    <th${role('rowheader')}>${isCode ? html`<code>${name}</code>` : name}</th>
    <td${role('cell')} class="bar" title="${formatCount(machines)} machines">
      <i class="w${share}"></i>${formatShare(share)}
    </td>
    ${
      uses === undefined
        ? nothing
        : html`<td role="cell" class="n">${formatShort(uses)}</td>
            <td role="cell" class="n">${failed(cell, table)}</td>`
    }
  </tr> `;
}

function failed({ value, error_rate = 0 }: PublishedCell, { regressions = [] }: BarTable): Html {
  const worse = regressions.find(({ name }) => name === value);
  if (worse === undefined) return html`${formatRate(error_rate)}`;
  return html`<b class="worse">${formatRate(error_rate)}</b
    ><small class="worse"
      >${formatRate(worse.error_rate)} in ${worse.version}, was
      ${formatRate(worse.error_rate_before)} in ${worse.before}</small
    >`;
}

/** Says how many values are not shown; nothing where all are. */
export function hiddenNote(hidden: number, k: number): Html {
  if (hidden === 0) return nothing;
  const values = hidden === 1 ? '1 more value is' : `${formatCount(hidden)} more values are`;
  return html`<p class="note">
    ${values} not shown: fewer than ${k} machines, or the next smallest beside one.
  </p>`;
}
