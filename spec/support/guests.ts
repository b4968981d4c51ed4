import { bundleGuest, freezeGuest, readEngine } from '../../scripts/build/guest.ts';
import { loadSandboxImage, Sandbox, type SandboxImage } from '../../sender-thread/sandbox.ts';
import { builtSenderThread } from './flushes.ts';
import { requestOf } from './requests.ts';

/** The guest as it is published. */
export async function builtImage(): Promise<SandboxImage> {
  const { unpackImage } = await builtSenderThread();
  return await loadSandboxImage(unpackImage());
}

/** The guest as it is published, with more code behind it, frozen in the same way. */
export async function imageWith(code: string): Promise<SandboxImage> {
  const { text } = await bundleGuest();
  const snapshot = await freezeGuest(`${text}\n${code}`);
  return await loadSandboxImage({ engine: await readEngine(), snapshot });
}

// Evaluates what comes as the ledger, and answers its value as text.
const evaluator = `globalThis.absorb = (request) => ({
  ledger: String((0, eval)(request.ledger)),
  wasLedgerDamaged: false,
  isComplete: true,
  spentClaims: [],
  reports: [],
  outcome: 'waiting',
});`;

/** A guest that runs whatever it is told, for `evaluate`. */
export async function obedientImage(): Promise<SandboxImage> {
  return await imageWith(evaluator);
}

/** What code comes to in a fresh sandbox of such a guest, as text. */
export async function evaluate(image: SandboxImage, code: string): Promise<string> {
  using sandbox = await Sandbox.open(image);
  return sandbox.absorb(requestOf(20_780, { ledger: code })).ledger;
}
