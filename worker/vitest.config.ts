import { fileURLToPath } from 'node:url';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { answerAsSink } from './test/sink.ts';

// Wrangler would warn, for each file, that the secrets are not in the environment: they are below.
process.env['WRANGLER_LOG'] ??= 'error';

/** The ingest's tests run inside workerd, with the bindings of wrangler.jsonc. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: fileURLToPath(new URL('wrangler.jsonc', import.meta.url)) },
      miniflare: {
        // For vitest's own code in workerd. That the ingest needs no Node is shown by local/.
        compatibilityFlags: ['nodejs_compat'],
        bindings: {
          UUID_KEY: 'u'.repeat(32),
          DISTINCT_KEY: 'd'.repeat(32),
          POSTHOG_KEY: 'phc_test',
          // For the long form of count-load.test.ts.
          // `npm run fuzz` asks for more.
          HOSTILE_REQUESTS: process.env['TELEMETRY_FUZZ_RUNS'] ?? '6000',
          COUNT_MACHINES: process.env['COUNT_MACHINES'] ?? '300',
          MIGRATIONS: await readD1Migrations(fileURLToPath(new URL('migrations', import.meta.url))),
        },
        outboundService: answerAsSink,
      },
    }),
  ],
  test: {
    name: 'worker',
    // One workerd for all files, and one database: seventeen starts took most of the time.
    isolate: false,
    // Those of local/ start workerd from outside, in Node.
    include: ['src/**/*.test.ts'],
    setupFiles: ['test/migrate.ts'],
    testTimeout: 20_000,
    // What the ingest says when it is made to fail is part of the tests, not of their report.
    onConsoleLog: (log) => !log.startsWith('{"reason":'),
  },
});
