import { describe, expect, it, test } from 'vitest';
import { formatCsv, formatUsage } from './format-usage.ts';
import type { RecordedDay } from './recorded-days.ts';
import type { Screen } from '../../screen.ts';
import { addUp, type Grouping, groupings } from './usage.ts';

const now = Date.parse('2026-11-22T15:00:00.000Z');
const tool = {
  kind: 'mcp_tool',
  name: 'codegraph_explore',
  count: 40,
  error_count: 2,
  client_name: 'claude-code',
} as const;
const command = { kind: 'cli_command', name: 'query', count: 3, error_count: 0 } as const;
const days: readonly RecordedDay[] = [
  { day: '2026-11-22', usage: [command], events: ['index'] },
  { day: '2026-11-21', usage: [tool], events: [] },
  // The same day in another report.
  { day: '2026-11-21', usage: [{ ...tool, count: 2, error_count: 0 }], events: [] },
  { day: '2026-11-15', usage: [{ ...command, count: 30 }], events: [] },
  { day: '2026-11-01', usage: [{ ...command, count: 1_000 }], events: [] },
];

function usageBy(by: Grouping, length = 7): ReturnType<typeof addUp> {
  return addUp(days, { days: length, by }, now);
}

describe('own use', () => {
  test.each<[by: Grouping, sums: object]>([
    [
      'day',
      [
        { name: '2026-11-21', count: 42, errors: 2 },
        { name: '2026-11-22', count: 3, errors: 0 },
      ],
    ],
    ['command', [{ name: 'query', count: 3, errors: 0 }]],
    ['tool', [{ name: 'codegraph_explore', count: 42, errors: 2 }]],
    ['agent', [{ name: 'claude-code', count: 42, errors: 2 }]],
  ])('of seven days is added up by %s', (by, sums) => {
    expect(usageBy(by)).toMatchObject({
      from: '2026-11-16',
      to: '2026-11-22',
      count: 45,
      errors: 2,
      countBefore: 30,
      sums,
    });
  });

  it('of thirty days holds what was before the seven', () => {
    expect(usageBy('command', 30)).toMatchObject({ count: 1_075, countBefore: null });
  });

  it('is a line of CSV for each day, name and agent', () => {
    expect(formatCsv(usageBy('day').rows).split('\n')).toEqual([
      'day,kind,name,agent,count,errors',
      '2026-11-21,mcp_tool,codegraph_explore,claude-code,40,2',
      '2026-11-21,mcp_tool,codegraph_explore,claude-code,2,0',
      '2026-11-22,cli_command,query,,3,0',
    ]);
  });
});

describe('the table', () => {
  const screens: readonly Screen[] = [20, 40, 80, 200].map((columns) => ({
    columns,
    hasColor: false,
  }));

  it.each(screens)('fits a terminal of $columns columns, and cuts no word', (screen) => {
    for (const by of groupings) {
      const text = formatUsage(usageBy(by), screen);
      for (const { name } of usageBy(by).sums) expect(text).toContain(name);
      const [head = '', ...rows] = text.split('\n\n');
      const longestWord = Math.max(...head.split(/\s/).map((word) => word.length));
      for (const line of head.split('\n')) {
        expect(line.length).toBeLessThanOrEqual(Math.max(screen.columns, longestWord));
      }
      if (screen.columns < 40) continue;
      for (const line of rows.join('\n').split('\n')) {
        expect(line.length).toBeLessThanOrEqual(screen.columns);
      }
    }
  });

  it('says totals, errors and the change in one sentence', () => {
    expect(formatUsage(usageBy('tool'), screens[2]!)).toMatch(
      /^2026-11-16 to 2026-11-22 \(UTC\): 45 uses, 2 failed \(4\.4 %\), \+50 % against the 7\ndays before\.\n/,
    );
  });

  it('has colour only where the terminal has it', () => {
    expect(formatUsage(usageBy('tool'), { columns: 80, hasColor: true })).toContain('\u001B[36m');
    expect(formatUsage(usageBy('tool'), { columns: 80, hasColor: false })).not.toContain('\u001B');
  });

  it('says that nothing was counted', () => {
    const none = addUp([], { days: 7, by: 'day' }, now);
    expect(formatUsage(none, screens[2]!)).toBe(
      '2026-11-16 to 2026-11-22 (UTC): nothing was counted.\n',
    );
  });
});
