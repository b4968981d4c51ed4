import type { DayNumber } from '../../contract/day.ts';
import type {
  AbsorbRequest,
  MachineFacts,
  Reporter,
  SandboxClaim,
} from '../../contract/sandbox.ts';

export const machine: MachineFacts = {
  codegraph_version: '1.6.1',
  os: 'linux',
  arch: 'x64',
  node_major: 24,
  ci: false,
};

export const reporter: Reporter = {
  machine,
  newMachineIds: [
    'e0f087a2-15fa-4a29-b614-2d43b12089a9',
    '2b9c51f4-0d7c-4f0e-9b5a-6f2d9a1c7e35',
    '8c1d7a90-5e3b-4d26-a7f1-3b0c8e5d4f62',
  ],
  inheritedMachineId: null,
};

/** Noon of a day, in epoch milliseconds. */
export function noon(day: DayNumber): number {
  return (day + 0.5) * 86_400_000;
}

let drawnIds = 0;

/** Bytes for so many ids, each drawn once in a test run. */
export function bytesForIds(count: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(16 * count));
  for (let at = 0; at < bytes.byteLength; at += 16) bytes.setUint32(at, ++drawnIds);
  return new Uint8Array(bytes.buffer);
}

/** A request at noon of `today`, with nothing to count and no leave to seal unless said so. */
export function requestOf(today: DayNumber, more: Partial<AbsorbRequest> = {}): AbsorbRequest {
  return {
    ledger: null,
    claims: [],
    maxBytes: Infinity,
    today,
    now: noon(today),
    reporter: null,
    randomBytes: new Uint8Array(),
    ...more,
  };
}

/** What a request needs so that reports are sealed, with ids in plenty. */
export function mayReport(ids = 300): Pick<AbsorbRequest, 'reporter' | 'randomBytes'> {
  return { reporter, randomBytes: bytesForIds(ids) };
}

/** A claim that nobody writes to any more. */
export function claimOf(bytes: Uint8Array, name = 'claim-a'): SandboxClaim {
  return { name, bytes, isFinal: true };
}
