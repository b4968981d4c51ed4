import { spawnSync } from 'node:child_process';
import files, { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { fileUrl, runProgram } from '../spec/support/programs.ts';
import { isPrivate, temporaryFolder } from '../spec/support/home.ts';
import { isCode, readText } from './read-file.ts';
import { replaceFile } from './write-file.ts';

describe('a file is replaced', () => {
  it('as a whole, for its owner alone, with nothing left beside it', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.json');
    writeFileSync(path, 'a longer text that stood there before', { mode: 0o666 });
    replaceFile(path, 'new', files, 'flushId');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['ledger.json']);
    expect(isPrivate(path)).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('not through a link in the place of its half', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.json');
    writeFileSync(join(folder, 'victim'), 'precious');
    symlinkSync('victim', `${path}.flushId.tmp`);
    expect(() => replaceFile(path, 'new', files, 'flushId')).toThrow('EEXIST');
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
  });

  it('where the file system knows no fsync, and not where the disk has lost it', () => {
    const path = join(temporaryFolder(), 'ledger.json');
    const failing = (code: string) => ({
      ...files,
      fsyncSync: () => {
        throw Object.assign(new Error('fsync'), { code });
      },
    });
    replaceFile(path, 'new', failing('EINVAL'), 'flushId');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(() => replaceFile(path, 'newer', failing('EIO'), 'flushId')).toThrow('fsync');
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('not where a folder stands, and leaves nothing', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'ledger.json', 'inside'), { recursive: true });
    expect(() => replaceFile(join(folder, 'ledger.json'), 'new', files, 'flushId')).toThrow(
      /EISDIR|EEXIST|EPERM|ENOTEMPTY/,
    );
    expect(readdirSync(folder)).toEqual(['ledger.json']);
  });

  // The limit stands in for a disk that gets full: the first part of the text still fits.
  it.skipIf(process.platform === 'win32')('not in part, by a disk that gets full', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.json');
    writeFileSync(path, 'old');
    const program = `
      import { replaceFile } from ${JSON.stringify(fileUrl('contract/write-file.ts'))};
      import files from 'node:fs';
      try { replaceFile(${JSON.stringify(path)}, 'x'.repeat(100_000), files, 'flushId'); }
      catch (error) { console.log(error.code); }`;
    const { stdout } = await runProgram(program, { shell: 'ulimit -f 8; exec "$@"' });
    expect(stdout).toBe('EFBIG\n');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['ledger.json']);
  });
});

describe.skipIf(process.platform === 'win32')('a text is read', () => {
  const maxBytes = 100;
  const put: Readonly<Record<string, (path: string) => void>> = {
    nothing: () => undefined,
    'a file': (path) => writeFileSync(path, 'text é'),
    'an empty file': (path) => writeFileSync(path, ''),
    'a longer file': (path) => writeFileSync(path, 'x'.repeat(maxBytes + 1)),
    'a folder': (path) => mkdirSync(path),
    'a FIFO': (path) => void spawnSync('mkfifo', [path]),
    'a link to a file': (path) => {
      writeFileSync(`${path}.target`, 'text');
      symlinkSync(`${path}.target`, path);
    },
    'a link to a device': (path) => symlinkSync('/dev/zero', path),
    'a link to nothing': (path) => symlinkSync(`${path}.none`, path),
    'a link in a circle': (path) => symlinkSync(path, path),
  };
  const noFile = 'it is not a file';
  test.each([
    ['nothing', { state: 'none' }, { state: 'none' }],
    ['a file', { state: 'read', text: 'text é' }, { state: 'read', text: 'text é' }],
    ['an empty file', { state: 'read', text: '' }, { state: 'read', text: '' }],
    ['a longer file', { reason: 'it is too long' }, { reason: 'it is too long' }],
    ['a folder', { reason: noFile }, { reason: noFile }],
    ['a FIFO', { reason: noFile }, { reason: noFile }],
    ['a link to a file', { reason: noFile }, { state: 'read', text: 'text' }],
    ['a link to a device', { reason: noFile }, { reason: noFile }],
    ['a link to nothing', { reason: noFile }, { reason: 'its link leads nowhere' }],
    ['a link in a circle', { reason: noFile }, { code: 'ELOOP' }],
  ])('where %s is, or is refused for what it is', (what, refusing, following) => {
    const path = join(temporaryFolder(), 'name');
    put[what]!(path);
    expect(readText(path, maxBytes, files)).toMatchObject(refusing);
    expect(readText(path, maxBytes, files, 'follow')).toMatchObject(following);
  });
});

it('tells codes of the file system from other errors', () => {
  expect(isCode(Object.assign(new Error('no'), { code: 'ENOENT' }), 'ENOENT')).toBe(true);
  expect(isCode(Object.assign(new Error('no'), { code: 'EACCES' }), 'ENOENT')).toBe(false);
  expect(isCode(new Error('ENOENT'), 'ENOENT')).toBe(false);
  expect(isCode({ code: 'ENOENT' }, 'ENOENT')).toBe(false);
});
