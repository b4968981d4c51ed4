/** The sandbox alone, from cold and again, without thread and disk; prints `SandboxFigures`. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { maxEventsPerReport, maxReportsPerFlush } from '../../contract/limits.ts';
import type { AbsorbRequest } from '../../contract/sandbox.ts';
import { dayOf } from '../../contract/day.ts';
import type * as packedImage from '../../sender-thread/packed-image.ts';

/**
 * Milliseconds of each step in a fresh process, and of the same call in a second instance. They are
 * the thread's own CPU time: what else the machine does would show in any other.
 */
export interface SandboxFigures {
  /** Unpacking and compiling the engine, unpacking the snapshot. */
  readonly load: number;
  readonly restore: number;
  readonly absorb: number;
  readonly restoreAgain: number;
  readonly absorbAgain: number;
}

const [, , place = 'sandbox', buffer = '', thread = ''] = process.argv;

const request = makeRequest(readFileSync(buffer));
const figures = place === 'sandbox' ? await inSandbox() : await inNode();
process.stdout.write(JSON.stringify(figures));

async function inSandbox(): Promise<SandboxFigures> {
  const { loadSandboxImage, Sandbox } = await import('../../sender-thread/sandbox.ts');
  const { unpackImage } = (await import(pathToFileURL(thread).href)) as typeof packedImage;
  const start = cpuMs();
  const image = await loadSandboxImage(unpackImage());
  const load = cpuMs() - start;
  const run = async (): Promise<{ restore: number; absorb: number }> => {
    const begin = cpuMs();
    using sandbox = await Sandbox.open(image);
    const restored = cpuMs();
    sandbox.absorb(request);
    return { restore: restored - begin, absorb: cpuMs() - restored };
  };
  const { restore, absorb } = await run();
  const again = await run();
  return { load, restore, absorb, restoreAgain: again.restore, absorbAgain: again.absorb };
}

/** The guest's own code as a part of this process: what the wall costs is the difference. */
async function inNode(): Promise<SandboxFigures> {
  const start = cpuMs();
  const { absorb } = await import('../../spec/support/absorb.ts');
  const load = cpuMs() - start;
  const run = (): number => {
    const begin = cpuMs();
    absorb(request);
    return cpuMs() - begin;
  };
  return { load, restore: 0, absorb: run(), restoreAgain: 0, absorbAgain: run() };
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function makeRequest(bytes: Uint8Array): AbsorbRequest {
  const now = Date.now();
  return {
    ledger: null,
    maxBytes: Infinity,
    claims: [{ name: 'claim-bench', bytes, isFinal: true }],
    today: dayOf(now),
    now,
    reporter: {
      machine: {
        codegraph_version: '1.6.1',
        os: 'linux',
        arch: 'x64',
        node_major: 24,
        ci: false,
      },
      newMachineIds: ['00000000-0000-4000-8000-000000000000'],
      inheritedMachineId: null,
    },
    randomBytes: crypto.getRandomValues(
      new Uint8Array(16 * maxReportsPerFlush * (maxEventsPerReport + 1)),
    ),
  };
}
