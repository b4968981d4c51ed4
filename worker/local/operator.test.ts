import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { openKeyedIds } from '../src/forward/keyed-ids.ts';
import { examineIngest } from './doctor.ts';
import { subjects, writeQuestion } from './questions.ts';
import { closeStages, openStage, reportOf } from './stage.ts';

afterEach(closeStages);

test('every question is SQL that the database answers', async () => {
  const { ingest, post } = await openStage({ variables: { SINK: 'd1' } });
  await post(reportOf(3));
  await ingest.waitForSum('stored', 3, 20_000);
  for (const subject of subjects) {
    await ingest.query(writeQuestion({ subject, weeks: 4 }, Date.now()));
  }
  await ingest.query(writeQuestion({ subject: 'tools', by: 'agent', weeks: 1 }, Date.now()));
  expect(
    await ingest.query(writeQuestion({ subject: 'commands', by: 'version', weeks: 2 }, Date.now())),
  ).toMatchObject([
    { metric: 'command_version', value: 'query 1.6.1', machines: 1, uses: 3, failing_percent: 0 },
  ]);
  expect(() => writeQuestion({ subject: 'agents', by: 'version', weeks: 1 }, 0)).toThrow(
    RangeError,
  );
});

test('the doctor finds an ingest well after its round, and ill without its tables', async () => {
  const { ingest } = await openStage({ variables: { SINK: 'd1' } });
  const examine = (): ReturnType<typeof examineIngest> =>
    examineIngest({ query: ingest.query, url: ingest.url, now: Date.now() });
  await ingest.runRound();
  await ingest.waitForSum('canary_arrived', 1, 20_000);
  expect((await examine()).filter(({ isOk }) => !isOk)).toEqual([]);
  await ingest.query('DROP TABLE marks');
  const ill = (await examine()).filter(({ isOk }) => !isOk);
  expect(ill[0]).toEqual({
    what: 'tables',
    isOk: false,
    found: 'missing: marks; apply the migrations',
  });
});

test('a machine is found at PostHog by the keys alone', async () => {
  const script = fileURLToPath(new URL('find-ids.ts', import.meta.url));
  const keys = { UUID_KEY: 'u'.repeat(32), DISTINCT_KEY: 'd'.repeat(32) };
  const machine = 'e0f087a2-15fa-4a29-b614-2d43b12089a9';
  const { stdout } = await promisify(execFile)(process.execPath, [script, machine, '2026-11'], {
    env: keys,
  });
  const ids = await openKeyedIds({ uuidKey: keys.UUID_KEY, distinctKey: keys.DISTINCT_KEY });
  expect(stdout).toBe(`2026-11 ${await (await ids.ofMachine(machine)).distinctId('2026-11')}\n`);
});
