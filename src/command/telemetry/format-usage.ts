import { type Screen, wrap } from '../../screen.ts';
import type { Usage, UsageRow, UsageSum } from './usage.ts';

const minBarColumns = 8;
const numberColumns = 7;

/** The sums for a person: a sentence, then one line each with a bar that fits the terminal. */
export function formatUsage(usage: Usage, screen: Screen): string {
  const head = `${usage.from} to ${usage.to} (UTC): ${describeTotals(usage)}.`;
  if (usage.sums.length === 0) return `${wrap(head, screen.columns)}\n`;
  const lines = usage.sums.map((sum) => formatSum(sum, usage.sums, screen));
  return `${wrap(head, screen.columns)}\n\n${lines.join('\n')}\n`;
}

/** The rows as CSV, with a line of headings. Names are of closed lists, so none needs quotes. */
export function formatCsv(rows: readonly UsageRow[]): string {
  const lines = rows.map(({ day, kind, name, agent, count, errors }) =>
    [day, kind, name, agent ?? '', count, errors].join(','),
  );
  return ['day,kind,name,agent,count,errors', ...lines].join('\n');
}

function describeTotals({ count, errors, countBefore, from, to }: Usage): string {
  if (count === 0) return 'nothing was counted';
  const failed = errors === 0 ? 'none failed' : `${errors} failed (${percent(errors, count)})`;
  const uses = `${count} ${count === 1 ? 'use' : 'uses'}, ${failed}`;
  if (countBefore === null || countBefore === 0) return uses;
  const change = Math.round(((count - countBefore) / countBefore) * 100);
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  return `${uses}, ${change >= 0 ? '+' : ''}${change} % against the ${days} days before`;
}

function formatSum(sum: UsageSum, all: readonly UsageSum[], screen: Screen): string {
  const nameColumns = Math.max(...all.map(({ name }) => name.length));
  const most = Math.max(...all.map(({ count }) => count));
  const errors = sum.errors === 0 ? '' : `  ${sum.errors} failed`;
  const number = String(sum.count).padStart(numberColumns);
  const left = screen.columns - nameColumns - numberColumns - 2 - longestErrors(all);
  // On a narrow terminal the numbers say it all.
  if (left < minBarColumns) return `${sum.name.padEnd(nameColumns)}${number}${errors}`;
  const bar = '#'.repeat(Math.max(1, Math.round((sum.count / most) * left)));
  const padded = bar.padEnd(errors === '' ? 0 : left);
  return `${sum.name.padEnd(nameColumns)}${number}  ${color(padded, screen)}${errors}`;
}

function longestErrors(all: readonly UsageSum[]): number {
  return Math.max(...all.map(({ errors }) => (errors === 0 ? 0 : `  ${errors} failed`.length)));
}

function color(bar: string, { hasColor }: Screen): string {
  return hasColor ? `\u001B[36m${bar}\u001B[39m` : bar;
}

function percent(part: number, whole: number): string {
  const share = (part / whole) * 100;
  return `${share < 10 ? share.toFixed(1) : Math.round(share)} %`;
}
