import { fileURLToPath } from 'node:url';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { bundle } from './bundle.ts';
import { cpuMsOf, findWorkerd } from './process-usage.ts';
import { reportOf } from './stage.ts';
import { readWranglerConfig } from './wrangler-config.ts';

interface CpuOptions {
  /** Of each kind before anything is measured, so that V8 has compiled what is hot. */
  readonly warmUpRequests: number;
  /** Requests of each kind in a round. */
  readonly requests: number;
  readonly rounds: number;
}

export interface DoorCpu {
  readonly what: string;
  /** Processor time for one request, in milliseconds; one number a round, the least first. */
  readonly cpuMs: readonly number[];
}

const kinds = [
  // What workerd itself takes for a request, to compare with.
  { what: 'not found', path: '/nothing', body: '', status: 404 },
  { what: '5 events', path: '/v1/events', body: JSON.stringify(reportOf(5)), status: 204 },
  { what: '100 events', path: '/v1/events', body: JSON.stringify(reportOf(100)), status: 204 },
] as const;
type Kind = (typeof kinds)[number];

const connections = 8;

/**
 * What a request costs the front door, by the system's count for the process of workerd and all its
 * threads. No emulator runs in it, and requests come straight to the Worker's socket. Linux only.
 */
export async function measureDoorCpu(options: CpuOptions): Promise<readonly DoorCpu[]> {
  const { warmUpRequests, requests, rounds } = options;
  const miniflare = await openDoorAlone();
  try {
    const url = await miniflare.unsafeGetDirectURL();
    const workerd = findWorkerd();
    for (const kind of kinds) await request(url, kind, warmUpRequests);
    const measured = kinds.map((): number[] => []);
    // By turns, so that a moment when the machine is busy hits all of them.
    for (let round = 0; round < rounds; round++) {
      for (const [index, kind] of kinds.entries()) {
        const before = cpuMsOf(workerd);
        await request(url, kind, requests);
        measured[index]?.push((cpuMsOf(workerd) - before) / requests);
      }
    }
    return kinds.map(({ what }, index) => ({
      what,
      cpuMs: (measured[index] ?? []).toSorted((one, other) => one - other),
    }));
  } finally {
    await miniflare.dispose();
  }
}

async function openDoorAlone(): Promise<Miniflare> {
  const { compatibility_date, vars } = readWranglerConfig();
  const main = fileURLToPath(new URL('../test/door-alone.ts', import.meta.url));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      workers: [
        {
          compatibilityDate: compatibility_date,
          bindings: { ...vars, UUID_KEY: 'u'.repeat(32), DISTINCT_KEY: 'd'.repeat(32) },
          // Past Miniflare's own Worker, which would cost more than ours.
          unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
          modules: [{ type: 'ESModule', path: 'index.js', contents: await bundle(main) }],
        },
      ],
    }),
  );
  await miniflare.ready;
  return miniflare;
}

async function request(base: URL, { path, body, status }: Kind, count: number): Promise<void> {
  const url = new URL(path, base);
  const headers = { 'content-type': 'application/json' };
  let left = count;
  const connect = async (): Promise<void> => {
    while (left-- > 0) {
      const response = await fetch(url, { method: 'POST', headers, body });
      await response.text();
      if (response.status !== status) throw new Error(`${path} answered ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, connect));
}
