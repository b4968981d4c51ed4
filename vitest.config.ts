import { defineConfig } from 'vitest/config';

const setupFiles = ['scripts/test/fail-on-warning.ts'];

export default defineConfig({
  test: {
    // What a passing test prints says nothing.
    silent: 'passed-only',
    reporters: ['default', './scripts/test/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,sender-thread,contract,spec/simulation,spec/fuzz,scripts}/**/*.test.ts'],
          setupFiles,
          testTimeout: 20_000,
        },
      },
      './worker/vitest.config.ts',
      './worker/local/vitest.config.ts',
      {
        test: {
          name: 'promises',
          // One process for many files: what they test runs in others.
          isolate: false,
          include: ['{examples,spec/chaos,spec/promises}/**/*.test.ts'],
          setupFiles,
          // Real engines, real threads, real exits, on two slow cores.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // A command stays one second at most for its event. On a machine that is busy with other
          // things that second can run out: promised, and no defect, but not what is tested.
          retry: 2,
        },
      },
    ],
  },
});
