import type { Envelope } from '../../contract/report/allowlist.ts';
import { type DayNumber, formatMonth } from '../../contract/day.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { maxAgeDays } from '../../contract/limits.ts';
import type { Reporter } from '../../contract/sandbox.ts';

/**
 * The envelope under the id of the month in which something was counted, whenever it is sealed: so a
 * machine is one machine in each month. A month without an id takes a new one.
 */
export function envelopeOfMonth(
  ledger: Ledger,
  { machine, newMachineIds, inheritedMachineId }: Reporter,
  day: DayNumber,
): Envelope {
  const month = formatMonth(day);
  const known = knownIds(ledger).find((identity) => identity.month === month);
  if (known !== undefined) return { ...machine, machine_id: known.machine_id };
  // The engine's id serves one month, the first that is ever sealed.
  const firstId = ledger.identity === null ? inheritedMachineId : null;
  const taken = knownIds(ledger).map(({ machine_id }) => machine_id);
  const machine_id = firstId ?? newMachineIds.find((id) => !taken.includes(id));
  if (machine_id === undefined) throw new RangeError('ids: no new machine id left');
  keep(ledger, [...knownIds(ledger), { machine_id, month }]);
  return { ...machine, machine_id };
}

/** Forgets the ids of months for which nothing can be sealed any more. */
export function forgetOldIds(ledger: Ledger, today: DayNumber): void {
  if (ledger.identity?.earlier === undefined) return;
  const oldest = formatMonth(today - maxAgeDays);
  const { earlier, ...identity } = ledger.identity;
  const kept = earlier.filter(({ month }) => month >= oldest);
  ledger.identity = kept.length === 0 ? identity : { ...identity, earlier: kept };
}

interface MonthId {
  readonly machine_id: string;
  readonly month: string;
}

function knownIds({ identity }: Ledger): readonly MonthId[] {
  if (identity === null) return [];
  const { machine_id, month, earlier = [] } = identity;
  // After damage it is null.
  return machine_id === null ? earlier : [...earlier, { machine_id, month }];
}

/** The newest month comes first: it is the one that `status` shows. */
function keep(ledger: Ledger, ids: readonly MonthId[]): void {
  const sorted = ids.toSorted((one, other) => (one.month < other.month ? -1 : 1));
  const newest = sorted.at(-1);
  if (newest === undefined) return;
  const earlier = sorted.slice(-maxMonths, -1);
  ledger.identity = earlier.length === 0 ? newest : { ...newest, earlier };
}

// Thirty days and tomorrow touch three months at the most: January, February and March.
const maxMonths = 3;
