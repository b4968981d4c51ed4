import { isKept, type Row, type Target } from './bench.ts';

const headings = ['measured', 'unit', 'ours', 'published', 'ratio', 'target', 'beside it'] as const;

/** The rows as a table for a terminal. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [headings, ...rows.map(toCells)];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length)),
  );
  const format = (line: readonly string[]): string =>
    line.map((cell, column) => align(cell, column, widths[column]!)).join('  ');
  return lines.map((line) => format(line).trimEnd()).join('\n');
}

/** The rows as a table in Markdown. */
export function formatMarkdown(rows: readonly Row[]): string {
  const rule = headings.map((_, column) => (isNumeric(column) ? '---:' : '---'));
  return [headings, rule, ...rows.map(toCells)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function toCells(row: Row): readonly string[] {
  const { what, unit, ours, published, beside = {} } = row;
  return [
    what,
    unit,
    formatNumber(ours),
    published === undefined ? '' : formatNumber(published),
    published === undefined || published === 0 ? '' : formatNumber(ours / published),
    formatTarget(row),
    Object.entries(beside)
      .map(([name, value]) => `${name} ${formatNumber(value)}`)
      .join(', '),
  ];
}

function formatTarget(row: Row): string {
  const { target } = row;
  if (target === undefined) return '';
  return `${formatBound(target)} ${isKept(row) === true ? '✓' : '✗'}`;
}

function formatBound(target: Target): string {
  return 'atMost' in target
    ? `≤ ${formatNumber(target.atMost)}`
    : `ratio ≤ ${formatNumber(target.atMostOfPublished)}`;
}

/** Three digits that count; more would be noise. */
function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

function isNumeric(column: number): boolean {
  return column >= 2 && column <= 4;
}

function align(cell: string, column: number, width: number): string {
  return isNumeric(column) ? cell.padStart(width) : cell.padEnd(width);
}
