import { frameClaim } from '../../sender-thread/frame-claim.ts';
import { absorb as absorbFramed } from '../../sender-thread/guest/absorb.ts';
import type { AbsorbRequest, AbsorbResponse } from '../../contract/sandbox.ts';

/** What the sandbox does with a request, without its walls. */
export function absorb(request: AbsorbRequest): AbsorbResponse {
  return absorbFramed({ ...request, claims: request.claims.map(frameClaim) });
}
