import type { Envelope } from '../../contract/report/allowlist.ts';
import { type DayNumber, formatMonth } from '../../contract/day.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { Reporter } from '../../contract/sandbox.ts';

/**
 * The envelope under this month's id. A new month takes the new id. An id of the month of tomorrow
 * stays, so that two clocks at a month's end, or one set back a little, do not take turns.
 */
export function envelopeOfMonth(ledger: Ledger, reporter: Reporter, today: DayNumber): Envelope {
  const month = formatMonth(today);
  const known = ledger.identity;
  const isCurrent = known !== null && [month, formatMonth(today + 1)].includes(known.month);
  const knownId = isCurrent ? known.machine_id : null;
  const firstId = known === null ? reporter.inheritedMachineId : null;
  const machine_id = knownId ?? firstId ?? reporter.newMachineId;
  if (knownId === null) ledger.identity = { machine_id, month };
  return { ...reporter.machine, machine_id };
}
