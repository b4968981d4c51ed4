import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  startPostHogStandIn,
  type PostHogStandIn,
  type StandInOptions,
} from './posthog-stand-in.ts';
import { startIngest, type IngestOptions, type RunningIngest } from './start-ingest.ts';

/** An ingest and a stand-in for PostHog, for one test. */
export interface Stage {
  readonly ingest: RunningIngest & {
    /** Resolves when the ingest has counted at least so many of something. */
    readonly waitForSum: (key: string, least: number, timeoutMs: number) => Promise<number>;
    /** Resolves when the ingest has logged a reason. */
    readonly waitForLog: (reason: string, timeoutMs: number) => Promise<void>;
  };
  readonly posthog: PostHogStandIn;
  readonly post: (
    body: unknown,
    headers?: Readonly<Record<string, string>>,
    query?: string,
  ) => Promise<Response>;
  /** Each line that the ingest logged. */
  readonly logs: readonly string[];
}

const open: (() => Promise<void>)[] = [];

export async function openStage(
  options: Omit<IngestOptions, 'posthogUrl'> = {},
  standIn: StandInOptions = {},
): Promise<Stage> {
  const logs: string[] = [];
  const posthog = await startPostHogStandIn(standIn);
  open.push(posthog.stop);
  const ingest = await startIngest({
    onLog: (line) => logs.push(line),
    ...options,
    posthogUrl: posthog.url,
  });
  open.push(ingest.stop);
  return {
    ingest: {
      ...ingest,
      waitForSum: (...wanted) => waitForSum(ingest, ...wanted),
      waitForLog: async (reason, timeoutMs) => {
        const signal = AbortSignal.timeout(timeoutMs);
        while (!logs.some((line) => line.includes(reason))) await wait(20, undefined, { signal });
      },
    },
    posthog,
    post: (body, headers = {}, query = '') =>
      fetch(`${ingest.url}/v1/events${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    logs,
  };
}

/** Ends what `openStage` began. */
export async function closeStages(): Promise<void> {
  await Promise.all(open.splice(0).map((stop) => stop()));
}

async function waitForSum(
  ingest: RunningIngest,
  key: string,
  least: number,
  timeoutMs: number,
): Promise<number> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const [row] = await ingest.query(`SELECT sum(total) AS total FROM sums WHERE key = '${key}'`);
    const total = Number(row?.['total'] ?? 0);
    if (total >= least) return total;
    // The database says nothing of its own accord.
    await wait(100, undefined, { signal });
  }
}

/** A new machine's body of schema 3 with so many usage events of today. */
export function reportOf(
  events: number,
  countOf: (index: number) => number = () => 1,
): Record<string, unknown> {
  return {
    machine_id: randomUUID(),
    codegraph_version: '1.6.1',
    os: 'linux',
    arch: 'x64',
    node_major: 24,
    ci: false,
    schema_version: 3,
    batch_id: randomUUID(),
    events: Array.from({ length: events }, (_, index) => ({
      event: 'usage_rollup',
      ts: new Date().toISOString(),
      event_id: randomUUID(),
      props: { kind: 'cli_command', name: 'query', count: countOf(index), error_count: 0 },
    })),
  };
}
