import * as files from 'node:fs';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parseChoice, readChoice } from '../../contract/choice-file.ts';
import { choiceFileName } from '../../contract/files.ts';
import { fileUrl, runProgram } from '../../spec/support/programs.ts';
import { temporaryFolder, temporaryPaths } from '../../spec/support/home.ts';
import { storeChoice } from './store-choice.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');
const uuid = 'aeb8257e-bc76-4014-923c-9e4d7beabebb';
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
    ['where there was a yes to the engine', JSON.stringify(engineOn)],
    ['in place of what cannot be read', '{"enabled":tru'],
    ['in place of what is too long', `{"enabled":true,"note":"${'x'.repeat(20_000)}"}`],
  ])('each as a no to the engine, without an id: %s', (_, previous) => {
    for (const wish of ['on', 'local', 'off'] as const) {
      const file = stored(wish, previous);
      expect(file).toMatchObject({
        ...engineKeys,
        enabled: false,
        machine_id: null,
        updated_at: '2026-11-22T12:00:00.000Z',
      });
      expect(file['mode']).toBe(wish === 'off' ? undefined : wish);
    }
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
  const wishes = ['on', 'off', 'on', 'local', 'off'] as const;
  const seen = wishes.map((wish) => {
    storeChoice(dataDir, wish, 'cli', now);
    return generation();
  });
  expect(seen).toEqual([0, 1, 1, 1, 2]);
});

describe.skipIf(process.platform === 'win32')('behind a link', () => {
  /** A choice of the engine's that is kept among dotfiles. */
  function linked(): { dataDir: string; path: string; target: string } {
    const { dataDir } = temporaryPaths();
    const target = join(temporaryFolder(), 'telemetry.json');
    const path = join(dataDir, choiceFileName);
    writeFileSync(target, JSON.stringify(engineOn));
    symlinkSync(target, path);
    return { dataDir, path, target };
  }
  const modeIn = (path: string): unknown => parseChoice(readFileSync(path, 'utf8'));
  const isOff = expect.objectContaining({ choice: expect.objectContaining({ mode: 'off' }) });

  it('is changed where it lies', () => {
    const { dataDir, path, target } = linked();
    storeChoice(dataDir, 'off', 'cli', now);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(modeIn(target)).toEqual(isOff);
  });

  it('is written in place where its folder takes no second file', async () => {
    const { dataDir, target } = linked();
    const program = `
      import files from 'node:fs';
      const open = files.openSync;
      files.openSync = (path, flags, mode) => {
        if (flags === 'wx') throw Object.assign(new Error('read-only'), { code: 'EROFS' });
        return open(path, flags, mode);
      };
      const { storeChoice } = await import(${JSON.stringify(fileUrl('src/consent/store-choice.ts'))});
      storeChoice(${JSON.stringify(dataDir)}, 'off', 'cli', ${now});`;
    expect(await runProgram(program)).toMatchObject({ code: 0, stderr: '' });
    expect(modeIn(target)).toEqual(isOff);
  });

  it('is off by a file in the place of the link where it cannot be changed, and says so', () => {
    const { dataDir, path, target } = linked();
    rmSync(target);
    mkdirSync(target);
    storeChoice(dataDir, 'off', 'cli', now);
    expect(modeIn(path)).toEqual(isOff);
  });

  it('is off by a file in the place of a link that leads nowhere', () => {
    const { dataDir, path, target } = linked();
    rmSync(target);
    storeChoice(dataDir, 'off', 'cli', now);
    expect(modeIn(path)).toEqual(isOff);
  });
});

it('makes no home that is not there', () => {
  const homeDir = join(temporaryFolder(), 'new');
  expect(() => storeChoice(join(homeDir, '.codegraph'), 'off', 'cli', now)).toThrow('ENOENT');
  expect(existsSync(homeDir)).toBe(false);
});

it.skipIf(process.platform === 'win32')('is for its owner alone, under any umask', async () => {
  const dataDir = join(temporaryFolder(), '.codegraph');
  const program = `
    import { storeChoice } from ${JSON.stringify(fileUrl('src/consent/store-choice.ts'))};
    storeChoice(${JSON.stringify(dataDir)}, 'on', 'cli', ${now});`;
  await runProgram(program, { shell: 'umask 0777; exec "$@"' });
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, choiceFileName)).mode & 0o777).toBe(0o600);
});
