import * as files from 'node:fs';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { readChoice } from '../../contract/choice-file.ts';
import { choiceFileName } from '../../contract/files.ts';
import { fileUrl, runProgram } from '../../spec/support/programs.ts';
import { temporaryFolder, temporaryPaths } from '../../spec/support/temporary-home.ts';
import { storeChoice } from './store-choice.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');
const uuid = 'aeb8257e-bc76-4014-923c-9e4d7beabebb';
const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const engineOn = { enabled: true, machine_id: uuid, consent_source: 'installer' };

/** The file's keys after a choice, on a machine where this text stood. */
function stored(wish: 'on' | 'local' | 'off', previous?: string): Record<string, unknown> {
  const { dataDir } = temporaryPaths();
  const path = join(dataDir, choiceFileName);
  if (previous !== undefined) writeFileSync(path, previous);
  storeChoice(dataDir, wish, 'cli', now);
  expect(readdirSync(dataDir)).toEqual([choiceFileName]);
  expect(readChoice(dataDir, files)).toMatchObject({ state: 'read' });
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

describe('cannot be stored, says so, and leaves what was there:', () => {
  it('where a folder stands', () => {
    const { dataDir } = temporaryPaths();
    mkdirSync(join(dataDir, choiceFileName, 'inside'), { recursive: true });
    expect(() => storeChoice(dataDir, 'off', 'cli', now)).toThrow(/EISDIR|EEXIST|EPERM|ENOTEMPTY/);
    expect(readdirSync(dataDir)).toEqual([choiceFileName]);
  });

  it('where a file stands in place of the home', () => {
    const dataDir = join(temporaryFolder(), '.codegraph');
    writeFileSync(dataDir, '');
    expect(() => storeChoice(dataDir, 'off', 'cli', now)).toThrow(/EEXIST|ENOTDIR/);
  });

  it.skipIf(process.platform === 'win32')(
    'where it may not write, or the disk is full',
    async () => {
      const { dataDir } = temporaryPaths();
      const path = join(dataDir, choiceFileName);
      writeFileSync(path, JSON.stringify(engineOn), { mode: 0o644 });
      const program = (before: string): string => `
      import { storeChoice } from ${JSON.stringify(fileUrl('src/consent/store-choice.ts'))};
      ${before}
      try { storeChoice(${JSON.stringify(dataDir)}, 'off', 'cli', ${now}); }
      catch (error) { console.log(error.code); }`;
      const full = await runProgram(program(''), { shell: 'ulimit -f 0; exec "$@"' });
      expect(full.stdout).toBe('EFBIG\n');
      chmodSync(dataDir, 0o555);
      const nobody = 'if (process.getuid() === 0) process.seteuid(65534);';
      expect((await runProgram(program(nobody))).stdout).toBe('EACCES\n');
      expect(readFileSync(path, 'utf8')).toBe(JSON.stringify(engineOn));
      expect(readdirSync(dataDir)).toEqual([choiceFileName]);
    },
  );
});

describe('is stored in the format of the engine,', () => {
  const engineKeys = { consent_source: 'cli', first_run_notice_shown: true };

  test.each<[what: string, previous: string | undefined]>([
    ['where there was none', undefined],
    ['where there was a no', JSON.stringify({ ...engineOn, enabled: false })],
    ['in place of what cannot be read', '{"enabled":tru'],
  ])('an `on` with a new id: %s', (_, previous) => {
    expect(stored('on', previous)).toMatchObject({
      ...engineKeys,
      enabled: true,
      machine_id: expect.stringMatching(uuidV4) as string,
      updated_at: '2026-11-22T12:00:00.000Z',
    });
    expect(stored('on', previous)['machine_id']).not.toBe(uuid);
  });

  it('an `on` where it was on, with the id there was', () => {
    expect(stored('on', JSON.stringify(engineOn))['machine_id']).toBe(uuid);
  });

  test.each<['local' | 'off']>([['local'], ['off']])('%s as a no without an id', (wish) => {
    const file = stored(wish, JSON.stringify(engineOn));
    expect(file).toMatchObject({ ...engineKeys, enabled: false, machine_id: null });
    expect(file['mode']).toBe(wish === 'local' ? 'local' : undefined);
  });

  it('with keys of others beside it', () => {
    const file = stored('off', JSON.stringify({ ...engineOn, flags: { a: 1 }, note: 'mine' }));
    expect(file).toMatchObject({ enabled: false, flags: { a: 1 }, note: 'mine' });
  });
});

it('counts how often it was turned off', () => {
  const { dataDir } = temporaryPaths();
  const generation = (): unknown => {
    const reading = readChoice(dataDir, files);
    return reading.state === 'read' ? reading.choice.generation : reading;
  };
  const overrides = ['on', 'off', 'on', 'local', 'off'] as const;
  const seen = overrides.map((wish) => {
    storeChoice(dataDir, wish, 'cli', now);
    return generation();
  });
  expect(seen).toEqual([0, 1, 1, 1, 2]);
});

it.skipIf(process.platform === 'win32')('is for its owner alone', () => {
  const dataDir = join(temporaryFolder(), 'new', '.codegraph');
  storeChoice(dataDir, 'off', 'cli', now);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, choiceFileName)).mode & 0o777).toBe(0o600);
});
