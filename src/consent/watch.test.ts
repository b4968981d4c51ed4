import files, { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test, vi } from 'vitest';
import type { ConsentOverrides, ConsentPaths } from '../../contract/consent.ts';
import type { Mode } from '../../contract/choice-file.ts';
import { choiceFileName } from '../../contract/files.ts';
import { choose } from '../../spec/support/flushes.ts';
import { temporaryPaths } from '../../spec/support/home.ts';
import { ConsentWatch } from './watch.ts';

const overrides: ConsentOverrides = {
  doNotTrack: undefined,
  codegraphTelemetry: undefined,
  hasFlag: false,
};

const path = ({ dataDir }: ConsentPaths): string => join(dataDir, choiceFileName);

test.each<[what: string, change: (paths: ConsentPaths) => void, mode: Mode]>([
  ['a no', (paths) => choose(paths, { enabled: false }), 'off'],
  [
    'a no that is put in its place',
    (paths) => {
      writeFileSync(`${path(paths)}.tmp`, '{"enabled":false}');
      renameSync(`${path(paths)}.tmp`, path(paths));
    },
    'off',
  ],
  ['a no of the same length', (paths) => writeFileSync(path(paths), '{"enabled":false}'), 'off'],
  ['local', (paths) => choose(paths, { enabled: false, mode: 'local' }), 'local'],
  ['nonsense', (paths) => writeFileSync(path(paths), 'no'), 'off'],
  ['nothing', (paths) => unlinkSync(path(paths)), 'on'],
  [
    'a folder',
    (paths) => {
      unlinkSync(path(paths));
      mkdirSync(path(paths));
    },
    'off',
  ],
  ['a policy', ({ policyFile }) => writeFileSync(policyFile, ''), 'off'],
])('sees, at the next look, that there is %s', (_, change, mode) => {
  const paths = temporaryPaths();
  writeFileSync(path(paths), '{"enabled":true }');
  const watch = new ConsentWatch(overrides, paths);
  expect(watch.look().mode).toBe('on');
  change(paths);
  expect(watch.consent.mode).toBe('on');
  expect(watch.look().mode).toBe(mode);
  expect(watch.consent.mode).toBe(mode);
});

it('sees a no that came and went', () => {
  const paths = temporaryPaths();
  choose(paths, { enabled: false });
  const watch = new ConsentWatch(overrides, paths);
  expect(watch.look().mode).toBe('off');
  choose(paths, { enabled: true });
  expect(watch.look().mode).toBe('on');
  choose(paths, { enabled: false });
  expect(watch.look().mode).toBe('off');
});

it.each(['{"enabled":true}', '{"enabled":false}', undefined])(
  'reads no file again while none changes, such as %s',
  (choice) => {
    const paths = temporaryPaths();
    if (choice !== undefined) writeFileSync(path(paths), choice);
    const watch = new ConsentWatch(overrides, paths);
    using open = vi.spyOn(files, 'openSync');
    for (let looks = 0; looks < 3; looks++) expect(watch.look()).toBe(watch.consent);
    expect(open).not.toHaveBeenCalled();
    writeFileSync(path(paths), '{ "enabled": true }');
    expect(watch.look()).toMatchObject({ mode: 'on', decidedBy: 'stored' });
    expect(open).toHaveBeenCalledOnce();
  },
);

it('holds to what the process was told, whatever the files say', () => {
  const paths = temporaryPaths();
  choose(paths, { enabled: true });
  const watch = new ConsentWatch({ ...overrides, doNotTrack: '1' }, paths);
  choose(paths, { enabled: true, consent_source: 'cli' });
  expect(watch.look()).toMatchObject({ mode: 'off', decidedBy: 'DO_NOT_TRACK' });
});

it('throws nothing where the data folder has gone', () => {
  const paths = temporaryPaths();
  choose(paths, { enabled: false });
  const watch = new ConsentWatch(overrides, paths);
  rmSync(paths.dataDir, { recursive: true });
  expect(watch.look()).toMatchObject({ decidedBy: 'default', sendFrom: Infinity });
  writeFileSync(paths.dataDir, 'a file');
  expect(() => watch.look()).not.toThrow();
});
