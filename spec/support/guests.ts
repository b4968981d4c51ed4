import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleGuest, freezeGuest } from '../../scripts/build/guest.ts';
import { loadSandboxImage, Sandbox, type SandboxImage } from '../../sender-thread/sandbox.ts';
import { requestOf } from './requests.ts';

/** The guest as it is published. */
export async function builtImage(): Promise<SandboxImage> {
  return await loadSandboxImage(new URL('../../dist/guest.snapshot', import.meta.url));
}

/** The guest as it is published, with more code behind it, frozen in the same way. */
export async function imageWith(code: string): Promise<SandboxImage> {
  const { text } = await bundleGuest();
  const folder = mkdtempSync(join(tmpdir(), 'codegraph-telemetry-guest-'));
  try {
    const file = join(folder, 'guest.snapshot');
    writeFileSync(file, await freezeGuest(`${text}\n${code}`));
    return await loadSandboxImage(pathToFileURL(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
