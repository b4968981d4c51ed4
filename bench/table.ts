import { isBehind, isKept, type Row, type Target } from './bench.ts';

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

/** The rows as a table in Markdown, and why some miss their target or the published client's figure. */
export function formatMarkdown(rows: readonly Row[]): string {
  const rule = headings.map((_, column) => (isNumeric(column) ? '---:' : '---'));
  const lines = [headings, rule, ...rows.map(toCells)].map((line) => `| ${line.join(' | ')} |`);
  const reasons = listReasons(rows).flatMap(([reason, of]) => [
    reason,
    of.map((what) => `- ${what}`).join('\n'),
  ]);
  return [lines.join('\n'), '## Where the limit is elsewhere', ...reasons].join('\n\n');
}

/** Each reason that is needed, with the rows that need it. */
function listReasons(rows: readonly Row[]): readonly (readonly [string, readonly string[]])[] {
  const reasons = new Map<string, string[]>();
  for (const row of rows) {
    if (row.because === undefined || !(isBehind(row) || isKept(row) === false)) continue;
    reasons.set(row.because, [...(reasons.get(row.because) ?? []), row.what]);
  }
  return [...reasons];
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
  if ('atMost' in target) return `≤ ${formatNumber(target.atMost)}`;
  return 'times' in target
    ? `≤ ${formatNumber(target.times)} × ${target.of}`
    : `≤ ${target.of} + ${formatNumber(target.plus)}`;
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
