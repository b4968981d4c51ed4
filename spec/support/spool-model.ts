import fc from 'fast-check';
import type { ReportEvent } from '../../contract/report/allowlist.ts';
import { type DayNumber, formatDay } from '../../contract/day.ts';
import { encodeFrame, type Frame } from '../../contract/frame.ts';
import { parseLedger } from '../../contract/ledger.ts';
import { counterKinds } from '../../contract/report/lists.ts';
import type {
  AbsorbRequest,
  AbsorbResponse,
  OutgoingReport,
  SendResult,
  BookAnswerRequest,
  BookAnswerResponse,
} from '../../contract/sandbox.ts';
import { framesOf, joined } from './frames.ts';
import { bytesForIds, noon, reporter } from './requests.ts';
import { findFaults } from './strict-report.ts';

/** What is put to the test: the guest, called directly or behind the wall. */
export interface Guest {
  absorb(request: AbsorbRequest): AbsorbResponse | Promise<AbsorbResponse>;
  bookAnswer(request: BookAnswerRequest): BookAnswerResponse | Promise<BookAnswerResponse>;
}

/** Calls and errors by day, kind, name, client and version. */
export type Totals = Readonly<Record<string, readonly [calls: number, errors: number]>>;

const firstDay: DayNumber = 20_770;
const frames = framesOf(firstDay, firstDay + 1);

/** What can happen to a spool. Each step may come at any moment, in any order. */
type Step =
  | { readonly does: 'append'; readonly frame: Frame }
  // A process is killed in the middle of its write.
  | { readonly does: 'tear'; readonly frame: Frame; readonly cut: number }
  | { readonly does: 'claim' }
  // A process that had the buffer open writes after the rename; a flush may see half of it.
  | { readonly does: 'write late'; readonly frame: Frame; readonly cut: number }
  | { readonly does: 'let claims age' }
  | { readonly does: 'let a day pass' }
  | { readonly does: 'flush'; readonly ids: number; readonly end: FlushEnd };

/** Where a flush is cut off, or what the ingest says to it. */
type FlushEnd = 'before commit' | 'before deleting' | 'before settling' | SendResult['kind'];

const cut = fc.integer({ min: 1, max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('append'), frame: frames }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('tear'), frame: frames, cut }) },
  { weight: 2, arbitrary: fc.constant({ does: 'claim' }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('write late'), frame: frames, cut }) },
  { weight: 1, arbitrary: fc.constant({ does: 'let claims age' }) },
  { weight: 1, arbitrary: fc.constant({ does: 'let a day pass' }) },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('flush'),
      ids: fc.constantFrom(0, 1, 2, 3, 7, 300),
      end: fc.constantFrom<FlushEnd[]>(
        'before commit',
        'before deleting',
        'before settling',
        'accepted',
        'unreachable',
        'postponed',
      ),
    }),
  },
);

/** Up to 25 steps. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(step, { maxLength: 25, size: 'max' });

/** Takes the steps, then lets everything settle; what was written and what has arrived or waits. */
export async function runSteps(
  guest: Guest,
  taken: readonly Step[],
): Promise<{ written: Totals; arrived: Totals }> {
  const model = new SpoolModel(guest);
  for (const each of taken) await model.take(each);
  await model.take({ does: 'claim' });
  await model.take({ does: 'let claims age' });
  await model.take({ does: 'flush', ids: 0, end: 'accepted' });
  return { written: model.written(), arrived: model.arrived() };
}

interface ModelClaim {
  bytes: Uint8Array;
  isFinal: boolean;
  /** What is still being written to it. */
  rest: Uint8Array;
}

/** A spool and an ingest without disk and network. */
class SpoolModel {
  readonly #guest: Guest;
  readonly #written = new Map<string, [number, number]>();
  readonly #accepted = new Map<string, ReportEvent>();
  readonly #claims = new Map<string, ModelClaim>();
  #buffer: Uint8Array = new Uint8Array();
  #ledger: string | null = null;
  #today = firstDay;
  #now = noon(firstDay);

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  async take(taken: Step): Promise<void> {
    switch (taken.does) {
      case 'append':
        this.#buffer = joined(this.#buffer, this.#write(taken.frame));
        break;
      case 'tear':
        this.#buffer = joined(this.#buffer, encodeFrame(taken.frame).subarray(0, -taken.cut));
        break;
      case 'claim':
        if (this.#buffer.length === 0) break;
        this.#claims.set(`claim-${this.#claims.size}-${this.#now}`, {
          bytes: this.#buffer,
          isFinal: false,
          rest: new Uint8Array(),
        });
        this.#buffer = new Uint8Array();
        break;
      case 'write late':
        this.#writeLate(taken.frame, taken.cut);
        break;
      case 'let claims age':
        this.#finishWrites();
        for (const claim of this.#claims.values()) claim.isFinal = true;
        break;
      case 'let a day pass':
        this.#today += 1;
        this.#now += 86_400_000;
        break;
      case 'flush':
        await this.#flush(taken.ids, taken.end);
        break;
    }
  }

  written(): Totals {
    return Object.fromEntries(this.#written);
  }

  /** What the ingest has, each event once, and what waits in the ledger. */
  arrived(): Totals {
    const ledger = parseLedger(this.#ledger ?? '');
    const events = new Map(this.#accepted);
    for (const { body } of ledger?.reports ?? []) {
      for (const event of eventsIn(body)) events.set(event.event_id, event);
    }
    const totals = new Map<string, [number, number]>();
    for (const event of events.values()) {
      if (event.event !== 'usage_rollup') continue;
      const { kind, name, count, error_count, client_name, client_version } = event.props;
      const identity = [event.ts.slice(0, 10), kind, name, client_name, client_version];
      addTo(totals, identity, count, error_count);
    }
    for (const [day, { usage }] of Object.entries(ledger?.days ?? {})) {
      for (const { kind, name, count, error_count, client_name, client_version } of usage) {
        addTo(totals, [day, kind, name, client_name, client_version], count, error_count);
      }
    }
    return Object.fromEntries(totals);
  }

  #write(frame: Frame): Uint8Array {
    for (const [kind, name, calls, errors, ...client] of frame.counters) {
      const identity = [formatDay(frame.day), counterKinds[kind], name, ...client];
      addTo(this.#written, identity, calls, errors);
    }
    return encodeFrame(frame);
  }

  #writeLate(frame: Frame, restBytes: number): void {
    this.#finishWrites();
    const open = [...this.#claims.values()].find(({ isFinal }) => !isFinal);
    if (open === undefined) return;
    const bytes = this.#write(frame);
    open.bytes = joined(open.bytes, bytes.subarray(0, -restBytes));
    open.rest = bytes.subarray(-restBytes);
  }

  #finishWrites(): void {
    for (const claim of this.#claims.values()) {
      claim.bytes = joined(claim.bytes, claim.rest);
      claim.rest = new Uint8Array();
    }
  }

  async #flush(ids: number, end: FlushEnd): Promise<void> {
    this.#now += 60_000;
    const response = await this.#guest.absorb({
      ledger: this.#ledger,
      claims: Array.from(this.#claims, ([name, { bytes, isFinal }]) => ({ name, bytes, isFinal })),
      today: this.#today,
      now: this.#now,
      reporter: ids === 0 ? null : reporter,
      randomBytes: bytesForIds(ids),
    });
    if (end === 'before commit') return;
    this.#ledger = response.ledger;
    if (end === 'before deleting') return;
    for (const name of response.spentClaims) this.#claims.delete(name);
    for (const report of response.reports) {
      this.#send(report, end === 'before settling' ? 'accepted' : end);
      if (end === 'before settling') return;
      const result = { kind: end, retryAfterMs: 0 } as SendResult;
      ({ ledger: this.#ledger } = await this.#guest.bookAnswer({
        ledger: this.#ledger ?? '',
        now: this.#now,
        batchId: report.batchId,
        result,
        jitter: 0,
      }));
      if (end !== 'accepted') return;
    }
  }

  #send({ text, events }: OutgoingReport, answer: SendResult['kind']): void {
    const faults = findFaults(text);
    if (faults.length > 0) throw new Error(`not to be sent: ${faults.join(', ')}`);
    const sent = eventsIn(text);
    if (sent.length !== events) throw new Error(`${events} events are ${sent.length}`);
    if (answer !== 'accepted') return;
    for (const event of sent) {
      const known = this.#accepted.get(event.event_id);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(event)) {
        throw new Error(`one id for two events: ${event.event_id}`);
      }
      this.#accepted.set(event.event_id, event);
    }
  }
}

function eventsIn(body: string): readonly ReportEvent[] {
  return (JSON.parse(body) as { readonly events: readonly ReportEvent[] }).events;
}

function addTo(
  totals: Map<string, [number, number]>,
  identity: readonly (string | undefined)[],
  calls: number,
  errors: number,
): void {
  const key = identity.filter((word) => word !== undefined).join(' ');
  const [callsBefore, errorsBefore] = totals.get(key) ?? [0, 0];
  totals.set(key, [callsBefore + calls, errorsBefore + errors]);
}
