import { formatDay, type DayNumber } from '../../contract/day.ts';
import { randomOf } from './random.ts';

/** A made-up report, before the door. */
export interface MadeReport {
  readonly body: Readonly<Record<string, unknown>>;
  /** The day on which it comes. */
  readonly day: DayNumber;
}

const tools = ['codegraph_explore', 'codegraph_search', 'codegraph_node', 'codegraph_impact'];
const agents = ['claude-code', 'cursor', 'codex', 'vscode'];
const commands = ['serve', 'sync', 'init', 'query'];
const versions = ['1.7.1', '1.7.0', '1.6.1'];

interface Population {
  readonly machines: number;
  readonly from: DayNumber;
  readonly to: DayNumber;
  readonly seed: number;
}

/**
 * What so many machines report of these days, each day's use on the day after: people and build
 * machines, schema 2 and 3, several reports of one day, some sent twice. The same for the same seed.
 */
export function* makeReports({ machines, from, to, seed }: Population): Generator<MadeReport> {
  const next = randomOf(seed);
  const pick = <Item>(list: readonly Item[]): Item =>
    list[Math.floor(next() ** 2 * list.length)] as Item;
  const uuid = (): string => {
    const hex = (length: number): string =>
      Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  };
  for (let machine = 0; machine < machines; machine++) {
    const isOld = next() < 0.2;
    const machineId = uuid();
    const shared = {
      machine_id: machineId,
      os: pick(['darwin', 'linux', 'win32']),
      arch: pick(['x64', 'arm64']),
      node_major: pick([24, 22, 20]),
      ci: next() < 0.1,
      schema_version: isOld ? 2 : 3,
    };
    for (let day = from; day <= to; day++) {
      if (next() < 0.5) continue;
      const ts = `${formatDay(day)}T12:00:00.000Z`;
      const withId = (event: object): object => (isOld ? event : { ...event, event_id: uuid() });
      const uses = Array.from({ length: 1 + Math.floor(next() * 4) }, () => {
        const isTool = next() < 0.6;
        const count = next() < 0.02 ? 5_000 : 1 + Math.floor(next() * 20);
        return withId({
          event: 'usage_rollup',
          ts,
          props: {
            kind: isTool ? 'mcp_tool' : 'cli_command',
            name: pick(isTool ? tools : commands),
            count,
            error_count: next() < 0.2 ? Math.min(count, 1) : 0,
            ...(isTool && next() < 0.9 ? { client_name: pick(agents) } : {}),
          },
        });
      });
      const indexed =
        next() < 0.2
          ? [
              withId({
                event: 'index',
                ts,
                props: {
                  languages: [...new Set([pick(['typescript', 'go']), pick(['python', 'rust'])])],
                  file_count_bucket: pick(['<100', '100-1k']),
                  duration_bucket: pick(['<10s', '1-5m']),
                },
              }),
            ]
          : [];
      const events = [...uses, ...indexed];
      const parts = next() < 0.2 ? [events.slice(0, 1), events.slice(1)] : [events];
      for (const part of parts) {
        if (part.length === 0) continue;
        const body = {
          ...shared,
          codegraph_version: day - from < 4 ? '1.6.1' : pick(versions),
          ...(isOld ? {} : { batch_id: uuid() }),
          events: part,
        };
        yield { body, day: day + 1 };
        // The answer got lost: clients of schema 3 send the same again.
        if (!isOld && next() < 0.05) yield { body, day: day + 2 };
      }
    }
  }
}
