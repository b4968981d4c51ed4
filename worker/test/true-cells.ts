import { dayOf } from '../../contract/day.ts';
import { periodsOf } from '../src/statistics/period.ts';

/** A cell as the truth has it: machines, uses, errors, failing machines. */
export type TrueCell = readonly [machines: number, uses: number, errors: number, failing: number];

interface Sets {
  readonly machines: Set<string>;
  readonly failing: Set<string>;
  uses: number;
  errors: number;
}

interface RawReport {
  readonly machine_id: string;
  readonly batch_id?: string;
  readonly codegraph_version: string;
  readonly os: string;
  readonly arch: string;
  readonly node_major: number;
  readonly ci: boolean;
  readonly events: readonly {
    readonly event: string;
    readonly ts: string;
    readonly props: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  }[];
}

/**
 * What the cells must hold, by sets of the raw ids in memory: written a second time on purpose, and with
 * no code of the ingest but the names of the periods. Uses are counted to 1,000 by machine, day and name.
 */
export class TrueCells {
  readonly #cells = new Map<string, Sets>();
  readonly #used = new Map<string, number>();
  readonly #reports = new Set<string>();

  add(body: unknown): void {
    const report = body as RawReport;
    if (report.batch_id !== undefined) {
      const id = `${report.machine_id} ${report.batch_id}`;
      if (this.#reports.has(id)) return;
      this.#reports.add(id);
    }
    for (const event of report.events) this.#addEvent(report, event);
  }

  #addEvent(report: RawReport, { event, ts, props }: RawReport['events'][number]): void {
    const isUse = event === 'usage_rollup';
    const name = text(props['name']);
    const kind = props['kind'] === 'mcp_tool' ? 'tool' : 'command';
    const day = ts.slice(0, 10);
    const bound = `${report.machine_id} ${day} ${isUse ? `${kind} ${name}` : event}`;
    const before = this.#used.get(bound) ?? 0;
    const uses = Math.min(isUse ? Number(props['count']) : 1, 1_000 - before);
    this.#used.set(bound, before + uses);
    const errors = isUse ? Math.min(uses, Number(props['error_count'])) : 0;
    for (const period of periodsOf(dayOf(Date.parse(ts)))) {
      const see = (metric: string, value: string | number, counts = false): void => {
        const key = `${period}|${metric}|${value}`;
        const cell = this.#cells.get(key) ?? {
          machines: new Set(),
          failing: new Set(),
          uses: 0,
          errors: 0,
        };
        this.#cells.set(key, cell);
        cell.machines.add(report.machine_id);
        if (!counts) return;
        cell.uses += uses;
        cell.errors += errors;
        if (errors > 0) cell.failing.add(report.machine_id);
      };
      if (report.ci) {
        see('ci', 'all');
        continue;
      }
      see('machines', 'all', isUse);
      see('os', report.os);
      see('arch', report.arch);
      see('node', report.node_major);
      see('version', report.codegraph_version);
      if (isUse) {
        see(kind, name, true);
        see(`${kind}_version`, `${name} ${report.codegraph_version}`, true);
        const agent = props['client_name'];
        if (kind === 'tool' && agent !== undefined) {
          see('agent', text(agent), true);
          see('tool_agent', `${name} ${text(agent)}`, true);
        }
      } else if (event === 'index') {
        for (const language of props['languages'] as readonly string[]) see('language', language);
        const size = `${text(props['file_count_bucket'])} ${text(props['duration_bucket'])}`;
        see('size_duration', size, true);
      }
    }
  }

  /** By period, metric and value, with bars between. */
  read(): ReadonlyMap<string, TrueCell> {
    return new Map(
      [...this.#cells].map(([key, { machines, uses, errors, failing }]) => [
        key,
        [machines.size, uses, errors, failing.size],
      ]),
    );
  }
}

function text(value: string | number | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : '';
}
