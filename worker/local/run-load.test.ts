import { afterEach, expect, test } from 'vitest';
import { runLoad } from './run-load.ts';
import { closeStages } from './stage.ts';

afterEach(closeStages);

// The short form of `npm run ingest:load`.
test('every event arrives once, whatever the sink does', async () => {
  const reports = 300;
  const result = await runLoad({
    reports,
    eventsPerReport: 5,
    connections: 16,
    faults: { awayFromMs: 500, awayUntilMs: 1_500, stallEvery: 0 },
  });
  expect(result).toMatchObject({ missing: 0, unexpected: 0, doubled: 0 });
  expect(result.expected + result.refused).toBe(5 * reports);
  expect(result.refused).toBeGreaterThan(0);
  expect([...result.statuses.keys()]).toEqual([204]);
});
