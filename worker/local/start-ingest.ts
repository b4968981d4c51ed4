import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptionsShape } from 'miniflare';
import { unstable_splitSqlQuery } from 'wrangler';
import { bundle } from './bundle.ts';
import { readMigrations, readWranglerConfig, type WranglerConfig } from './wrangler-config.ts';

export interface IngestOptions {
  /** Left out or 0: any free port. */
  readonly port?: number;
  /** Base address of PostHog, or of its stand-in. */
  readonly posthogUrl: string;
  /** Variables and secrets of wrangler.jsonc to set otherwise. */
  readonly variables?: Readonly<Record<string, string | number>>;
  /** Requests that a limit lets through, by the name of its binding, instead of wrangler.jsonc's. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Without the limiters, for load runs: their emulators take most of a request's time. */
  readonly isUnlimited?: boolean;
  /** Gets each line that the ingest logs; left out, they go nowhere. */
  readonly onLog?: (line: string) => void;
  /** Opens V8's inspector for all isolates, on 127.0.0.1. */
  readonly isInspected?: boolean;
}

export interface RunningIngest {
  /** Without a slash at the end. */
  readonly url: string;
  /** Rows of the ingest's database. */
  readonly query: (
    sql: string,
    ...bound: readonly (string | number)[]
  ) => Promise<readonly Record<string, unknown>[]>;
  /** Does what production does once an hour. */
  readonly runRound: () => Promise<void>;
  /** Where V8's inspector lists the isolates; undefined unless it was asked for. */
  readonly inspectorUrl?: URL;
  readonly stop: () => Promise<void>;
}

const unlimitedMain = fileURLToPath(new URL('../test/unlimited.ts', import.meta.url));

// A tenth of a second gathers what a test sends at once; production waits ten seconds.
const localBatchTimeoutS = 0.1;

/**
 * Starts the ingest in workerd on 127.0.0.1: the code and the bindings of wrangler.jsonc, with
 * keys made up for this run, a queue that delivers within a tenth of a second, and an empty database. All
 * of it lives in memory and ends with it. Writes no file, prints nothing, and reaches no network
 * but `posthogUrl`.
 */
export async function startIngest(options: IngestOptions): Promise<RunningIngest> {
  const config = readWranglerConfig();
  const main = options.isUnlimited === true ? unlimitedMain : config.main;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: options.port ?? 0,
      ...(options.isInspected === true ? { inspectorPort: 0 } : {}),
      cf: false,
      handleStructuredLogs: ({ message }) => options.onLog?.(message),
      workers: [
        {
          ...bindingsOf(config, options),
          modules: [{ type: 'ESModule', path: 'index.js', contents: await bundle(main) }],
        },
      ],
    }),
  );
  const url = await miniflare.ready;
  const db = await openDatabase(miniflare, config);
  return {
    url: url.origin,
    query: async (sql, ...bound) => {
      const statement = db.prepare(sql).bind(...bound);
      return (await statement.all<Record<string, unknown>>()).results;
    },
    runRound: async () => {
      // Miniflare's own type of a Worker, written for Workers, does not survive in Node.
      const worker = (await miniflare.getWorker()) as unknown as Schedulable;
      await worker.scheduled({ cron: config.triggers.crons[0] ?? '' });
    },
    ...(options.isInspected === true ? { inspectorUrl: await miniflare.getInspectorURL() } : {}),
    stop: () => miniflare.dispose(),
  };
}

interface Schedulable {
  scheduled(options: { readonly cron: string }): Promise<unknown>;
}

type Database = Awaited<ReturnType<Miniflare['getD1Database']>>;

async function openDatabase(miniflare: Miniflare, config: WranglerConfig): Promise<Database> {
  const [database] = config.d1_databases;
  if (database === undefined) throw new RangeError('wrangler.jsonc: expected a database');
  const db = await miniflare.getD1Database(database.binding);
  for (const sql of readMigrations(database.migrations_dir)) {
    await db.batch(unstable_splitSqlQuery(sql).map((statement) => db.prepare(statement)));
  }
  return db;
}

function bindingsOf(
  config: WranglerConfig,
  { posthogUrl, variables = {}, limits = {} }: IngestOptions,
): V4WorkerOptionsShape {
  return {
    name: config.name,
    compatibilityDate: config.compatibility_date,
    bindings: {
      ...config.vars,
      UUID_KEY: randomBytes(32).toString('hex'),
      DISTINCT_KEY: randomBytes(32).toString('hex'),
      POSTHOG_KEY: 'phc_local',
      POSTHOG_HOST: posthogUrl,
      // Who runs it here waits for what arrives.
      MAX_DELAY_SECONDS: 0,
      ...variables,
    },
    ratelimits: Object.fromEntries(
      config.ratelimits.map(({ name, namespace_id, simple }) => [
        name,
        { namespace_id, simple: { ...simple, limit: limits[name] ?? simple.limit } },
      ]),
    ),
    d1Databases: config.d1_databases.map(({ binding }) => binding),
    ...queuesOf(config),
  };
}

function queuesOf({
  queues,
}: WranglerConfig): Pick<V4WorkerOptionsShape, 'queueProducers' | 'queueConsumers'> {
  return {
    queueProducers: Object.fromEntries(
      queues.producers.map(({ binding, queue }) => [binding, queue]),
    ),
    queueConsumers: Object.fromEntries(
      queues.consumers.map((consumer) => [
        consumer.queue,
        {
          maxBatchSize: consumer.max_batch_size,
          maxBatchTimeout: localBatchTimeoutS,
          maxRetries: consumer.max_retries,
          ...(consumer.dead_letter_queue === undefined
            ? {}
            : { deadLetterQueue: consumer.dead_letter_queue }),
        },
      ]),
    ),
  };
}
