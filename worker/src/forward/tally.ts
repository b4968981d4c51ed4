/** What the ingest counts of itself. Sums only: nothing here says whose report it was. */
export const tallyKeys = [
  'received',
  'accepted',
  'refused_content_encoding',
  'refused_content_type',
  'refused_overload',
  'refused_too_long',
  'refused_too_slow',
  'refused_broken_off',
  'refused_not_utf8',
  'refused_not_json',
  'refused_bad_envelope',
  'refused_gone',
  'refused_rate',
  'refused_queue',
  'dropped_unknown_event',
  'dropped_bad_props',
  'dropped_out_of_date',
  'dropped_too_many',
  'kept',
  'forwarded',
  'stored',
  'resent',
  'late',
  'sampled_out',
  'over_budget',
  'over_store_budget',
  'over_allowance',
  'known',
  'newcomers',
  'newcomers_held',
  'refused_by_sink',
  'refused_by_store',
  'retried',
  'dead',
  'unreadable',
  'canary_sent',
  'canary_arrived',
] as const;
export type TallyKey = (typeof tallyKeys)[number];

export type Sums = Readonly<Partial<Record<TallyKey, number>>>;

/** Sums that grow until they are taken. */
export class Tally {
  #sums = new Map<TallyKey, number>();

  add(key: TallyKey, count = 1): void {
    if (count > 0) this.#sums.set(key, (this.#sums.get(key) ?? 0) + count);
  }

  addAll(sums: Sums): void {
    for (const key of tallyKeys) this.add(key, sums[key] ?? 0);
  }

  /** The sums so far; begins again at nothing. */
  take(): Sums {
    const sums = Object.fromEntries(this.#sums);
    this.#sums = new Map();
    return sums;
  }
}
