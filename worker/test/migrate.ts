import { applyD1Migrations, type D1Migration } from 'cloudflare:test';
import { env } from 'cloudflare:workers';

declare global {
  namespace Cloudflare {
    interface Env {
      /** Given by vitest.config.ts. */
      readonly MIGRATIONS: D1Migration[];
      readonly COUNT_MACHINES: string;
      readonly HOSTILE_REQUESTS: string;
    }
  }
}

await applyD1Migrations(env.DB, env.MIGRATIONS);
