import type { Envelope } from '../../contract/report/allowlist.ts';
import { type DayNumber, formatMonth, parseDay } from '../../contract/day.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { Reporter } from '../../contract/sandbox.ts';
import type { Calendar } from './calendar.ts';

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
  keep(ledger, [...knownIds(ledger).slice(1 - maxMonths), { machine_id, month }]);
  return { ...machine, machine_id };
}

/** Forgets the ids of months of which nothing can be sealed any more. */
export function forgetIds(ledger: Ledger, calendar: Calendar): void {
  if (ledger.identity === null) return;
  keep(
    ledger,
    knownIds(ledger).filter(({ month }) => {
      const first = parseDay(`${month}-01`);
      return first !== undefined && !(calendar.isLost(first) && calendar.isLost(first + 30));
    }),
  );
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
  // Without any it stays known that there was one: none may be inherited a second time.
  const newest = sorted.pop() ?? { machine_id: null, month: '' };
  ledger.identity = sorted.length === 0 ? newest : { ...newest, earlier: sorted };
}

// Thirty days and tomorrow touch three months at the most: January, February and March.
const maxMonths = 3;
