import fc from 'fast-check';
import type { Frame } from '../../contract/frame.ts';
import type { SendResult } from '../../contract/sandbox.ts';
import { joined } from '../support/frames.ts';
import { framesOf } from './frames.ts';
import { hostileLedgers } from './ledgers.ts';
import { type Part, parts } from './parts.ts';
import { intactWords } from './words.ts';

/** One thing to be put before the guest: what a flush may find on the disk. */
export interface Input {
  /** Frames that an earlier flush has made its ledger of, where `ledger` is null. */
  readonly before: readonly Frame[];
  /** The text of the ledger; null for an honest one with what was `before`. */
  readonly ledger: string | null;
  readonly claims: readonly FuzzClaim[];
  /** For how many reports and events there are ids; 0 where nothing may be sealed. */
  readonly ids: number;
  /** Whether a second flush sees the same claims again. */
  readonly isRepeated: boolean;
  /** What the ingest says to the first report; null when nobody asks it. */
  readonly answer: SendResult | null;
  /** Behind the wall, in WebAssembly, or by the same code outside. */
  readonly isWalled: boolean;
}

export interface FuzzClaim {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly bytes: Uint8Array;
  readonly isFinal: boolean;
  /** How much of it the earlier flush has seen, 0 for none. */
  readonly firstLook: number;
}

const nothing = fc.constant<readonly Frame[]>([]);

const pasts = fc.oneof(
  { weight: 4, arbitrary: fc.record({ before: nothing, ledger: fc.constant(null) }) },
  { weight: 4, arbitrary: fc.record({ before: nothing, ledger: hostileLedgers }) },
  {
    weight: 2,
    arbitrary: fc.record({
      before: fc.array(framesOf(intactWords), { minLength: 1, maxLength: 3 }),
      ledger: fc.constant(null),
    }),
  },
);

const claims = fc
  .array(fc.record({ parts, isFinal: fc.boolean(), look: fc.option(fc.nat(), { freq: 2 }) }), {
    minLength: 1,
    maxLength: 2,
  })
  .map((all) =>
    all.map(({ look, isFinal, ...claim }, index): FuzzClaim => {
      const bytes = joined(...claim.parts.map((part) => part.bytes));
      const firstLook = look === null ? 0 : look % (bytes.length + 1);
      return { name: `claim-${index}`, parts: claim.parts, bytes, isFinal, firstLook };
    }),
  );

const answers = fc.constantFrom<SendResult[]>(
  { kind: 'accepted' },
  { kind: 'refused' },
  { kind: 'stopped' },
  { kind: 'unreachable' },
  { kind: 'postponed', retryAfterMs: 0 },
  { kind: 'postponed', retryAfterMs: Number.MAX_VALUE },
);

/** Inputs, so many of a thousand of them for the sandbox. */
export function inputs(walledOfThousand: number): fc.Arbitrary<Input> {
  return fc
    .record({
      past: pasts,
      claims,
      // Few of them run out in the middle of sealing.
      ids: fc.constantFrom(0, 0, 0, 1, 2, 3, 7, 300, 300),
      // Each asks the guest once more, and takes as long again.
      isRepeated: fc.boolean(),
      answer: fc.option(answers, { freq: 2 }),
      isWalled: fc.oneof(
        { weight: 1_000 - walledOfThousand, arbitrary: fc.constant(false) },
        { weight: walledOfThousand, arbitrary: fc.constant(true) },
      ),
    })
    .map(({ past, ...input }) => ({
      ...past,
      ...input,
      // A ledger of others knows nothing of a first look.
      claims: past.ledger === null ? input.claims : input.claims.map(unseen),
    }));
}

function unseen(claim: FuzzClaim): FuzzClaim {
  return { ...claim, firstLook: 0 };
}
