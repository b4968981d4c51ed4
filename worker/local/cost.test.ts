import { readFileSync } from 'node:fs';
import { expect, it, test } from 'vitest';
import { costTable, posthogCost } from './cost.ts';
import { readWranglerConfig } from './wrangler-config.ts';

test.each([
  [0, 0],
  [1_000_000, 0],
  [3_000_000, 84],
  [30_000_000, 938],
  [300_000_000, 5_318],
  [3_000_000_000, 29_618],
])('PostHog asks for %i events in 30 days: $%i', (events, dollars) => {
  expect(Math.round(posthogCost(events / 30))).toBe(dollars);
});

it('is what the runbook says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const cells = (table: string): string[] =>
    table.split('\n').map((line) => line.replaceAll(/[ -]+/g, ' '));
  const table = costTable(Number(readWranglerConfig().vars['DAILY_EVENT_BUDGET']));
  expect(cells(readme)).toEqual(expect.arrayContaining(cells(table)));
});
