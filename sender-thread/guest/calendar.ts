import { type DayNumber, parseDay } from '../../contract/day.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { maxAgeDays, maxDay, maxFutureDays, maxSilentDays } from '../../contract/limits.ts';

/**
 * What may be done with a day. A clock can be wrong for one run, so two have a say: today's, and that of
 * the nearest other day in the ledger, on which a flush ran or something was counted. Both must agree
 * before a day is sent, and both before it is deleted; in between it waits.
 */
export class Calendar {
  readonly #today: DayNumber;
  /** Equal to today where the ledger knows no other day. */
  readonly #witness: DayNumber;
  readonly #isConfirmed: boolean;

  constructor(ledger: Ledger, today: DayNumber) {
    const others = [...ledger.flush_days, ...Object.keys(ledger.days)]
      .map(parseDay)
      .filter((day) => day !== undefined && day !== today) as readonly DayNumber[];
    const distance = (day: DayNumber): number => Math.abs(day - today);
    const [nearest] = others.toSorted((one, other) => distance(one) - distance(other));
    this.#today = today;
    this.#witness = nearest ?? today;
    this.#isConfirmed = nearest !== undefined;
  }

  /** Whether a report may date something by this day. */
  isUsable(day: DayNumber): boolean {
    const [today, witness] = [this.#today, this.#witness];
    return (
      day >= Math.max(today, witness) - maxAgeDays &&
      day <= Math.min(today + maxFutureDays, witness + maxSilentDays)
    );
  }

  /** Whether nothing can ever be said of this day: it is to be deleted, and counted as lost. */
  isLost(day: DayNumber): boolean {
    const [today, witness] = [this.#today, this.#witness];
    if (day > maxDay) return true;
    if (!this.#isConfirmed) return false;
    return (
      day < Math.min(today, witness) - maxAgeDays || day > Math.max(today, witness) + maxFutureDays
    );
  }
}
