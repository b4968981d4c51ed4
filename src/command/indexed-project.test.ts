import { expect, it } from 'vitest';
import { askIndexedProject } from './indexed-project.ts';

it('is over when its time is, also with an engine that ignores the request to end', async () => {
  const script = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6);`;
  const engine = { file: process.execPath, prefix: ['--eval', script, '--'], version: '1.6.1' };
  const startedAt = performance.now();
  expect(await askIndexedProject(engine, '/nowhere', 1_500)).toBeUndefined();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
