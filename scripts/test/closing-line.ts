import type { Reporter, TestModule } from 'vitest/node';

/**
 * A vitest reporter that ends a run with one plain line, `N passed, N failed`, for whoever reads
 * it with a script. A file that does not load and an error outside any test are failures too.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: 'passed' | 'failed'): number =>
      tests.filter((test) => test.result().state === state).length;
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length;

    const failed = count('failed') + brokenFiles + unhandledErrors.length;
    process.stdout.write(`\n${count('passed')} passed, ${failed} failed\n`);
  }
}
