import { defineConfig } from 'vitest/config';

/** The whole ingest in a workerd of its own, with a stand-in for PostHog, seen from outside. */
export default defineConfig({
  test: {
    name: 'ingest',
    isolate: false,
    include: ['**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
