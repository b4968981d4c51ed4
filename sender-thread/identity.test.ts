import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { choiceFileName } from '../spec/contract/files.ts';
import { maxEventsPerReport, maxReportsPerFlush } from '../spec/contract/limits.ts';
import { machine } from '../spec/testing/requests.ts';
import { temporaryPaths } from '../spec/testing/temporary-home.ts';
import { drawIdentity } from './identity.ts';

const engineId = 'aeb8257e-bc76-4014-923c-9e4d7beabebb';

it('draws nothing when nothing may be sealed', () => {
  expect(drawIdentity({ machine, paths: temporaryPaths() }, false)).toEqual({
    reporter: null,
    randomBytes: new Uint8Array(),
  });
});

it('draws another id each time, and ids for full reports', () => {
  const paths = temporaryPaths();
  const [one, other] = [1, 2].map(() => drawIdentity({ machine, paths }, true));
  expect(one?.reporter?.newMachineId).not.toBe(other?.reporter?.newMachineId);
  expect(one?.randomBytes).not.toEqual(other?.randomBytes);
  const ids = maxReportsPerFlush * (maxEventsPerReport + 1);
  expect(one?.randomBytes.length).toBeGreaterThanOrEqual(16 * ids);
});

test.each<[what: string, choice: string | undefined, id: string | null]>([
  ['there is no file', undefined, null],
  ['it cannot be read', '{"enabled":', null],
  ['the file has none', '{"enabled":true,"machine_id":null}', null],
  ['the engine has made one', `{"enabled":true,"machine_id":"${engineId}"}`, engineId],
])('hands on the engine’s id as it is when %s', (_, choice, id) => {
  const paths = temporaryPaths();
  if (choice !== undefined) writeFileSync(join(paths.home, choiceFileName), choice);
  expect(drawIdentity({ machine, paths }, true).reporter?.inheritedMachineId).toBe(id);
});
