import { ledgerFile, spoolFolder } from '../contract/files.ts';
import { parseLedger } from '../contract/ledger.ts';
import { eventsIn, identityOf } from './ingest.ts';
import type { Count } from './observer.ts';
import { type Action, startChoice, startHost } from './programs.ts';
import type { World } from './world.ts';

const day = 86_400_000;

/** Lets everything come to its end on a good day; returns what is not as it must be. */
export async function judge(world: World): Promise<readonly string[]> {
  await finish(world);
  const left = world.list(spoolFolder);
  const problems = [...leftAfterOff(world, left)];
  world.ingest.mood = 'takes';
  // Whatever an `off` should have deleted and has not, would be sent now.
  if (lastWish(world) !== 'on') {
    startChoice(world, 'on');
    await finish(world);
  }
  // A claim that somebody left before there was a ledger waits for the next buffer.
  let script: readonly Action[] = ['count', 'flush and wait'];
  const last = world.everybody.length;
  for (let round = 0; round < 9 && (round < 2 || !isSettled(world, last)); round++) {
    startHost(world, script);
    await finish(world);
    script = ['flush and wait'];
    // At first only until the claims are final.
    world.pass(10_000 + (round === 0 ? 0 : day));
  }
  const totals = countTotals(world);
  for (const count of world.observer.counts.values()) {
    problems.push(...problemsOf(world, count, totals.get(count.identity) ?? 0));
  }
  return [
    ...problems,
    ...world.observer.faults,
    ...world.ingest.faults,
    ...lostWithoutReason(world),
  ];
}

/** Everybody goes on to the end, in turn. */
async function finish(world: World): Promise<void> {
  for (let round = 0; world.actors.length > 0; round++) {
    if (round === 200) throw new Error(`${world.actors[0]?.name} does not end`);
    for (const actor of world.actors) await world.goOn(actor, { calls: 10_000 });
  }
}

/** Nothing waits any more of what the first processes have counted. */
function isSettled(world: World, processes: number): boolean {
  const names = world.list(spoolFolder) ?? [];
  if (names.some((name) => /^(?:buffer|claim-)/.test(name))) return false;
  const ledger = readLedger(world);
  if (ledger === undefined) return true;
  const open = Object.values(ledger.days).flatMap(({ usage }) => usage);
  const isOpen = open.some(
    ({ client_version = '0' }) => Number.parseInt(client_version) <= processes,
  );
  return ledger.reports.length === 0 && !isOpen;
}

function countTotals(world: World): ReadonlyMap<string, number> {
  const ledger = readLedger(world);
  const events = new Map(world.ingest.events);
  for (const { body } of ledger?.reports ?? []) {
    for (const event of eventsIn(body)) events.set(event.event_id, event);
  }
  const totals = new Map<string, number>();
  const add = (identity: string, count: number): void => {
    totals.set(identity, (totals.get(identity) ?? 0) + count);
  };
  for (const event of events.values()) {
    if (event.event === 'usage_rollup') add(identityOf(event), event.props.count);
  }
  for (const { usage } of Object.values(ledger?.days ?? {})) {
    for (const { client_version = '', count } of usage) add(client_version, count);
  }
  return totals;
}

function problemsOf(world: World, count: Count, total: number): readonly string[] {
  const { happened } = world.observer;
  // A ledger that is gone no longer says what was sent of the claims that still stand.
  if (total > 1 && !happened.has('ledger damage'))
    return [`${count.identity} was counted ${total} times`];
  if (total > 0) return [];
  const reason = count.excuse ?? excuse(world, count);
  return reason === undefined ? [`${count.identity} was lost`] : [];
}

function excuse(world: World, count: Count): string | undefined {
  const { choices } = world.observer;
  const offs = choices.filter(({ wish }) => wish === 'off');
  if (offs.length > 0) {
    const endedAt = Math.max(...offs.map((off) => off.endedAt));
    const isOnAgain = choices.some(
      ({ wish, ok, startedAt, endedAt: on }) =>
        wish !== 'off' && ok && startedAt > endedAt && on < count.process.startedAt,
    );
    const isAlone = world.everybody.every(
      (other) => other.startedAt >= endedAt || other.endedAt <= count.process.startedAt,
    );
    if (!isOnAgain || !isAlone) return 'telemetry was turned off';
  }
  if (world.ingest.refused.has(count.identity)) return 'refused for good';
  return undefined;
}

function lostWithoutReason(world: World): readonly string[] {
  const { happened, choices } = world.observer;
  const lost = readLedger(world)?.lost;
  if (lost === undefined) return [];
  const problems: string[] = [];
  const expect = (name: keyof typeof lost, isExplained: boolean): void => {
    if (lost[name] > 0 && !isExplained) problems.push(`${name} is ${lost[name]}`);
  };
  const isTorn = happened.has('kill') || happened.has('fault') || happened.has('damage');
  expect('damaged_bytes', isTorn || happened.has('ledger damage'));
  expect('no_room', false);
  expect('unlisted', happened.has('ledger damage') || happened.has('damage'));
  expect('out_of_date', happened.has('out of date') || happened.has('damage'));
  expect('expired_reports', happened.has('out of date') || happened.has('ledger damage'));
  expect('refused_reports', world.ingest.refused.size > 0);
  const isKept = !choices.some(({ wish }) => wish === 'off') && !happened.has('ledger damage');
  if (!isKept) return problems;
  const missing = [...world.observer.counts.keys()].filter(
    (identity) => world.ingest.refused.has(identity) && !countTotals(world).has(identity),
  );
  if (missing.length > 0 && lost.refused_reports === 0) problems.push('refusals were not counted');
  return problems;
}

/** After an `off` that said that all went well, nothing is left, unless somebody was killed at it. */
function leftAfterOff(world: World, left: readonly string[] | undefined): readonly string[] {
  const { choices, lastKillAt } = world.observer;
  const last = choices.at(-1);
  const isContested = choices.some(
    (other) => other !== last && other.endedAt > (last?.startedAt ?? 0),
  );
  if (last?.wish !== 'off' || !last.ok || isContested || left === undefined) return [];
  return lastKillAt > last.startedAt ? [] : [`left after off: ${left.join(', ')}`];
}

function lastWish(world: World): string {
  const wishes = world.observer.choices;
  return wishes.every(({ wish, ok }) => wish === 'on' && ok) && wishes.length > 0
    ? 'on'
    : 'unclear';
}

function readLedger(world: World): ReturnType<typeof parseLedger> {
  const bytes = world.read(ledgerFile);
  return bytes === undefined ? undefined : parseLedger(Buffer.from(bytes).toString());
}
