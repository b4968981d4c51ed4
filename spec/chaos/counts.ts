import type { Report, ReportEvent } from '../../contract/report/allowlist.ts';
import { clientNames, toolNames } from '../../contract/report/lists.ts';
import type { Ended } from '../support/programs.ts';
import { distinctEvents } from '../support/ingest.ts';
import { findFaults } from '../support/strict-report.ts';

/** What one process has counted under a name of its own. */
export interface Counted {
  readonly name: string;
  /** So much is in the buffer for certain: its append had returned, or the process ended itself. */
  readonly known: number;
  /** So much at the most: an append that was cut off by SIGKILL may have happened or not. */
  readonly begun: number;
}

export interface Verdict {
  /** The least that has to arrive; what was cut off comes on top or not. */
  readonly known: number;
  readonly begun: number;
  readonly arrived: number;
  readonly lost: number;
  readonly doubled: number;
  /** What is not as it must be, in words; empty when all is well. */
  readonly problems: readonly string[];
}

/** Beside each own count, in the same frame: all processes together under one name. */
const sharedName = 'query';

/** Start of a program that counts; `name` tells its counts from those of all others. */
export function countingAs(name: string): string {
  const [tool, client, version] = name.split(' ');
  return `
    import { writeSync } from 'node:fs';
    const say = (text) => writeSync(1, text + '\\n');
    let counted = 0;
    const count = (calls) => {
      for (let call = 0; call < calls; call++) {
        telemetry.count('mcp_tool', '${tool}', { client: { name: '${client}', version: '${version}' } });
        telemetry.count('cli_command', '${sharedName}');
      }
      say('begun ' + (counted += calls));
    };
    const persist = () => {
      telemetry.persist();
      say('known ' + counted);
    };`;
}

// Of a client, a day keeps four versions, so processes differ by tool and client first.
const pairs = toolNames.flatMap((tool) => clientNames.map((client) => `${tool} ${client}`));

/** A name for a process: a tool, a client and its version, which a report says exactly. */
export function nameOf(number: number): string {
  return `${pairs[number % pairs.length]} 1.${Math.floor(number / pairs.length)}`;
}

/** What a program has said that it counted; all of it is in the buffer if it ended by itself. */
export function readCounted(name: string, { signal, stdout }: Ended): Counted {
  const lastOf = (word: string): number =>
    Number([...stdout.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0);
  const begun = lastOf('begun');
  return { name, begun, known: signal === 'SIGKILL' ? lastOf('known') : begun };
}

/** Compares what was counted with what an ingest has taken, each event once by its id. */
export function judge(counted: readonly Counted[], taken: readonly string[]): Verdict {
  const problems = [...taken.flatMap(findFaults), ...findRewritten(taken)];
  const arrivals = sumByName(distinctEvents(taken));
  const take = (name: string): number => {
    const count = arrivals.get(name) ?? 0;
    arrivals.delete(name);
    return count;
  };
  const shared = take(sharedName);
  let [arrived, own, lost, doubled] = [0, 0, 0, 0];
  for (const { name, known, begun } of addUp(counted)) {
    const count = take(name);
    arrived += count;
    if (isOwn(name)) own += count;
    lost += Math.max(0, known - count);
    doubled += Math.max(0, count - begun);
    // A frame of one process arrives whole or not at all; of many, some may have been cut off.
    const isRight = isOwn(name)
      ? count === known || count === begun
      : known <= count && count <= begun;
    if (!isRight) problems.push(`${name}: ${count} of ${known} known, ${begun} begun`);
  }
  if (shared !== own) problems.push(`${shared} ${sharedName} arrived beside ${own}`);
  for (const [name, count] of arrivals) problems.push(`nobody counted ${name}: ${count}`);
  return {
    known: counted.reduce((sum, { known }) => sum + known, 0),
    begun: counted.reduce((sum, { begun }) => sum + begun, 0),
    arrived,
    lost,
    doubled,
    problems,
  };
}

/** What each event of the shared name says, in the order of their days. */
export function sharedCountsIn(taken: readonly string[]): readonly number[] {
  const events = distinctEvents(taken).flatMap(({ event, ts, props }) =>
    event === 'usage_rollup' && props.name === sharedName ? [[ts, props.count] as const] : [],
  );
  return events.toSorted(([one], [other]) => one.localeCompare(other)).map(([, count]) => count);
}

/** Every resend of a report has to be the same to the byte. */
function findRewritten(taken: readonly string[]): readonly string[] {
  const batches = new Set(taken.map((text) => (JSON.parse(text) as Report).batch_id));
  const texts = new Set(taken);
  return texts.size === batches.size ? [] : [`${texts.size} texts of ${batches.size} batches`];
}

function sumByName(events: readonly ReportEvent[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { event, props } of events) {
    if (event !== 'usage_rollup') continue;
    const { kind, client_name, client_version } = props;
    const name =
      kind === 'mcp_tool' ? `${props.name} ${client_name} ${client_version}` : props.name;
    sums.set(name, (sums.get(name) ?? 0) + props.count);
  }
  return sums;
}

function addUp(counted: readonly Counted[]): readonly Counted[] {
  const sums = new Map<string, Counted>();
  for (const { name, known, begun } of counted) {
    const before = sums.get(name);
    sums.set(name, {
      name,
      known: known + (before?.known ?? 0),
      begun: begun + (before?.begun ?? 0),
    });
  }
  return [...sums.values()];
}

function isOwn(name: string): boolean {
  return name.includes(' ');
}
