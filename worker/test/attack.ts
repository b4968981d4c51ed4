import { formatDay, type DayNumber } from '../../contract/day.ts';
import { reportOf, usageOf } from './reports.ts';

/**
 * A forged report: as much as one body can hold of what moves a chart, or so many events of it. `of` is
 * the machine that it claims to come from.
 */
export function forge(
  of: string,
  day: DayNumber,
  number: number,
  events = 100,
): Record<string, unknown> {
  const ts = `${formatDay(day)}T12:00:00.000Z`;
  return reportOf(
    Array.from({ length: events }, () =>
      usageOf(
        {
          kind: 'mcp_tool',
          name: 'codegraph_status',
          count: 1_000_000,
          error_count: 1_000_000,
          client_name: 'other',
        },
        { ts },
      ),
    ),
    {
      machine_id: of,
      batch_id: crypto.randomUUID(),
      codegraph_version: `${number % 1_000}.${number % 7}.0`,
      os: 'sunos',
      arch: 'mips',
    },
  );
}
