import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { unstable_readConfig } from 'wrangler';

/** The part of wrangler.jsonc that is needed to run it here. */
const wranglerConfig = v.object({
  name: v.string(),
  main: v.string(),
  compatibility_date: v.string(),
  triggers: v.object({ crons: v.array(v.string()) }),
  vars: v.record(v.string(), v.union([v.string(), v.number()])),
  ratelimits: v.array(
    v.object({
      name: v.string(),
      namespace_id: v.string(),
      simple: v.object({ limit: v.number(), period: v.picklist([10, 60]) }),
    }),
  ),
  d1_databases: v.array(v.object({ binding: v.string(), migrations_dir: v.string() })),
  queues: v.object({
    producers: v.array(v.object({ binding: v.string(), queue: v.string() })),
    consumers: v.array(
      v.object({
        queue: v.string(),
        max_batch_size: v.number(),
        max_retries: v.number(),
        dead_letter_queue: v.optional(v.string()),
      }),
    ),
  }),
});
export type WranglerConfig = v.InferOutput<typeof wranglerConfig>;

const workerFolder = fileURLToPath(new URL('..', import.meta.url));

/** The SQL of each migration, in order. */
export function readMigrations(folder: string): readonly string[] {
  const path = join(workerFolder, folder);
  return readdirSync(path)
    .toSorted()
    .map((name) => readFileSync(join(path, name), 'utf8'));
}

/** Reads worker/wrangler.jsonc; `main` becomes an absolute path. */
export function readWranglerConfig(): WranglerConfig {
  const config = unstable_readConfig({ config: join(workerFolder, 'wrangler.jsonc') });
  return v.parse(wranglerConfig, config);
}
