import { receiptsFile, spoolFolder } from '../../contract/files.ts';
import { maxLifecycleReceipts } from '../../contract/limits.ts';
import { deliverAll, finish, readLedger } from './ending.ts';
import { identityOf } from './identity.ts';
import { parseReport } from './ingest.ts';
import type { Count } from './observer.ts';
import { startChoice } from './programs.ts';
import type { World } from './world.ts';

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
  problems.push(...(await deliverAll(world)));
  const totals = countTotals(world);
  for (const count of world.observer.counts.values()) {
    problems.push(...problemsOf(world, count, totals.get(count.identity) ?? 0));
  }
  return [
    ...problems,
    ...world.observer.faults,
    ...world.ingest.faults,
    ...lostWithoutReason(world),
    ...badReceipts(world),
  ];
}

function countTotals(world: World): ReadonlyMap<string, number> {
  const ledger = readLedger(world);
  const events = new Map(world.ingest.events);
  for (const { body } of ledger?.reports ?? []) {
    for (const event of parseReport(body).events) events.set(event.event_id, event);
  }
  const totals = new Map<string, number>();
  const add = (identity: string, count: number): void => {
    totals.set(identity, (totals.get(identity) ?? 0) + count);
  };
  for (const event of events.values()) {
    if (event.event === 'usage_rollup') add(identityOf(event.props), event.props.count);
  }
  for (const { usage } of Object.values(ledger?.days ?? {})) {
    for (const props of usage) add(identityOf(props), props.count);
  }
  return totals;
}

function problemsOf(world: World, count: Count, total: number): readonly string[] {
  const { happened } = world.observer;
  // A ledger that is gone no longer says what was sent of the claims that still stand.
  const isLedgerGone = happened.has('ledger damage') || happened.has('late clearing');
  if (total > 1 && !count.mayBeTwice && !isLedgerGone)
    return [`${count.identity} was counted ${total} times`];
  if (total > 0) return [];
  const excuses = [...count.excuses, ...excusesNow(world, count)];
  if (excuses.length === 0) return [`${count.identity} was lost`];
  const isShown = excuses.some((excuse) => excuse !== 'out of date') || isOutOfDateCounted(world);
  return isShown ? [] : [`${count.identity} was dropped, and no counter shows it`];
}

function isOutOfDateCounted(world: World): boolean {
  const lost = readLedger(world)?.lost;
  return lost === undefined || lost.out_of_date + lost.expired_reports > 0;
}

function excusesNow(world: World, count: Count): readonly string[] {
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
    if (!isOnAgain || !isAlone) return ['telemetry was turned off'];
  }
  const { refused, hasStopped } = world.ingest;
  return hasStopped || refused.has(count.identity) ? ['refused for good'] : [];
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
  // A refusal that nobody lived to book is one more report that waits, until it is too old.
  const isCounted = lost.refused_reports + lost.expired_reports > 0;
  if (missing.length > 0 && !isCounted) problems.push('refusals were not counted');
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
  return lastKillAt > last.endedAt ? [] : [`left after off: ${left.join(', ')}`];
}

/** A receipt for each report that was taken, to the byte, and for no other. */
function badReceipts(world: World): readonly string[] {
  const { observer, ingest } = world;
  const lines = Buffer.from(world.read(receiptsFile) ?? [])
    .toString()
    .split('\n')
    .filter(Boolean);
  const kept = lines.map((line) => JSON.parse(line) as { batch_id: string; body: string });
  const invented = kept.filter(({ batch_id, body }) => ingest.taken.get(batch_id) !== body);
  const problems = invented.map(({ batch_id }) => `a receipt for ${batch_id}, which was not taken`);
  const isExplained =
    kept.length >= maxLifecycleReceipts ||
    ingest.refused.size > 0 ||
    observer.choices.some(({ wish }) => wish === 'off') ||
    happenings.some((happening) => observer.happened.has(happening));
  if (isExplained) return problems;
  const known = new Set(kept.map(({ batch_id }) => batch_id));
  const missing = [...ingest.taken.keys()].filter((id) => !known.has(id));
  return [...problems, ...missing.map((id) => `no receipt for ${id}`)];
}

// After these a report that was taken may be gone before that is known here, or its receipt: one who
// wakes up in a commit writes the receipts that it had read.
const happenings = ['fault', 'ledger damage', 'out of date', 'take-over'] as const;

function lastWish(world: World): string {
  const { choices } = world.observer;
  return choices.every(({ wish, ok }) => wish === 'on' && ok) ? 'on' : 'unclear';
}
