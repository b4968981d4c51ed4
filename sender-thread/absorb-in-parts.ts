import { firstAbsorbBytes } from '../contract/limits.ts';
import type { AbsorbRequest, AbsorbResponse } from '../contract/sandbox.ts';
import { absorbAll } from './absorb.ts';
import { commitAbsorbed, stageLedger } from './ledger.ts';
import type { Lock } from './lock.ts';
import type { SandboxImage } from './sandbox.ts';

/**
 * Absorbs a bounded part of the claims at a time, and commits each: a flush that is always cut short gets
 * through in several runs. Later parts are twice as long, so that the ledger is not read too often. Claims
 * are deleted with the last part, because a call takes a claim that it is not shown for one that is gone.
 */
export async function absorbInParts(
  image: SandboxImage,
  request: Omit<AbsorbRequest, 'maxBytes'>,
  lock: Pick<Lock, 'beat' | 'commit'>,
  dataDir: string,
  flushId: string,
): Promise<AbsorbResponse> {
  let { ledger } = request;
  for (let maxBytes = firstAbsorbBytes; ; maxBytes *= 2) {
    const absorbed = await absorbAll(image, { ...request, ledger, maxBytes });
    lock.beat();
    const spent = absorbed.isComplete
      ? request.claims.filter(({ name }) => absorbed.spentClaims.includes(name))
      : [];
    using staged = stageLedger(dataDir, absorbed.ledger, flushId);
    lock.commit(() => {
      commitAbsorbed(dataDir, staged, absorbed, spent);
    });
    if (absorbed.isComplete) return absorbed;
    ({ ledger } = absorbed);
  }
}
