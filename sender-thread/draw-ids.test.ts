import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { choiceFileName } from '../contract/files.ts';
import { maxEventsPerReport, maxReportsPerFlush } from '../contract/limits.ts';
import { machine } from '../spec/support/requests.ts';
import { temporaryPaths } from '../spec/support/home.ts';
import { drawIds } from './draw-ids.ts';

const engineId = 'aeb8257e-bc76-4014-923c-9e4d7beabebb';
const yes = { enabled: true, machine_id: engineId };

it('draws nothing when nothing may be sealed', () => {
  expect(drawIds({ machine, paths: temporaryPaths() }, false)).toEqual({
    reporter: null,
    randomBytes: new Uint8Array(),
  });
});

it('draws another id each time, and ids for full reports', () => {
  const paths = temporaryPaths();
  const [one, other] = [1, 2].map(() => drawIds({ machine, paths }, true));
  const machineIds = [one, other].flatMap((drawn) => drawn?.reporter?.newMachineIds ?? []);
  expect(new Set(machineIds).size).toBe(6);
  expect(one?.randomBytes).not.toEqual(other?.randomBytes);
  const ids = maxReportsPerFlush * (maxEventsPerReport + 1);
  expect(one?.randomBytes.length).toBeGreaterThanOrEqual(16 * ids);
});

test.each<[what: string, choice: string | undefined, id: string | null]>([
  ['there is no file', undefined, null],
  ['it cannot be read', '{"enabled":', null],
  ['the file has none', '{"enabled":true,"machine_id":null}', null],
  ['the engine has made one', JSON.stringify(yes), engineId],
  ['it was stored here', JSON.stringify({ ...yes, data_version: 1 }), null],
])('hands on the id of the choice, or none, when %s', (_, choice, id) => {
  const paths = temporaryPaths();
  if (choice !== undefined) writeFileSync(join(paths.dataDir, choiceFileName), choice);
  expect(drawIds({ machine, paths }, true).reporter?.inheritedMachineId).toBe(id);
});
