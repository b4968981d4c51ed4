import { frameHeaderBytes, scanFrames } from '../contract/frame.ts';
import type { AbsorbRequest, AbsorbResponse, SandboxClaim } from '../contract/sandbox.ts';
import { Sandbox, type SandboxImage } from './sandbox.ts';

/** A guest that failed is discarded; so often in one flush, then the rest waits for a later one. */
const maxFailures = 24;

/**
 * Absorbs all claims in one call. When that kills the guest, finds by halving which frames did it
 * and blanks them, so that nothing bad costs its neighbours.
 *
 * @throws what the guest threw, when even an empty run fails or failures do not end.
 */
export async function absorbAll(
  image: SandboxImage,
  request: AbsorbRequest,
): Promise<AbsorbResponse> {
  try {
    return await absorbOnce(image, request);
  } catch {
    return await new AbsorbByHalves(image, request).run();
  }
}

/** One call in an instance of its own. */
async function absorbOnce(image: SandboxImage, request: AbsorbRequest): Promise<AbsorbResponse> {
  using sandbox = await Sandbox.open(image);
  return sandbox.absorb(request);
}

class AbsorbByHalves {
  readonly #image: SandboxImage;
  readonly #request: AbsorbRequest;
  #ledger: string | null;
  #wasLedgerDamaged = false;
  #failures = 0;

  constructor(image: SandboxImage, request: AbsorbRequest) {
    this.#image = image;
    this.#request = request;
    this.#ledger = request.ledger;
  }

  async run(): Promise<AbsorbResponse> {
    await this.#absorbNothing();
    for (const claim of this.#request.claims) await this.#absorbByHalves(claim);
    const response = await absorbOnce(this.#image, { ...this.#request, ledger: this.#ledger });
    return { ...response, wasLedgerDamaged: this.#wasLedgerDamaged || response.wasLedgerDamaged };
  }

  /** When the guest fails without any claim, the ledger is what it cannot bear. */
  async #absorbNothing(): Promise<void> {
    try {
      await this.#absorb(undefined);
    } catch {
      // As good as any other damage.
      this.#ledger = '';
      await this.#absorb(undefined);
    }
  }

  async #absorbByHalves(claim: SandboxClaim): Promise<void> {
    const { payloads } = scanFrames(claim.bytes);
    const base = claim.bytes.byteOffset;
    const frames = payloads.map((payload) => ({
      start: payload.byteOffset - base - frameHeaderBytes,
      end: payload.byteOffset - base + payload.length,
    }));
    await this.#absorbFrames(claim, frames);
  }

  async #absorbFrames(claim: SandboxClaim, frames: readonly FrameRange[]): Promise<void> {
    const last = frames.at(-1);
    if (last === undefined) return;
    try {
      await this.#absorb({ ...claim, bytes: claim.bytes.subarray(0, last.end), isFinal: false });
    } catch (error) {
      this.#failures += 1;
      if (this.#failures > maxFailures) throw error;
      if (frames.length === 1) {
        // Blanked in our copy alone: the guest counts the bytes as damage.
        claim.bytes.fill(0, last.start, last.end);
        return;
      }
      const half = frames.length >> 1;
      await this.#absorbFrames(claim, frames.slice(0, half));
      await this.#absorbFrames(claim, frames.slice(half));
    }
  }

  /** Absorbs one claim, or none; the others are shown empty, so that their offsets are kept. */
  async #absorb(claim: SandboxClaim | undefined): Promise<void> {
    const claims = this.#request.claims.map((other) =>
      other.name === claim?.name ? claim : { ...other, bytes: new Uint8Array(), isFinal: false },
    );
    const response = await absorbOnce(this.#image, {
      ...this.#request,
      ledger: this.#ledger,
      claims,
      maxBytes: Infinity,
      reporter: null,
    });
    this.#wasLedgerDamaged ||= response.wasLedgerDamaged;
    this.#ledger = response.ledger;
  }
}

interface FrameRange {
  readonly start: number;
  readonly end: number;
}
