import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileUrl, runProgram } from '../spec/support/programs.ts';
import { isPrivate, temporaryFolder } from '../spec/support/temporary-home.ts';
import { isCode, readText, replaceFile } from './spool.ts';

describe('a file is replaced', () => {
  it('as a whole, for its flushId alone, with nothing left beside it', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.json');
    writeFileSync(path, 'a longer text that stood there before', { mode: 0o666 });
    replaceFile(path, 'new', 'flushId');
    expect(readText(path)).toBe('new');
    expect(readdirSync(folder)).toEqual(['ledger.json']);
    expect(isPrivate(path)).toBe(true);
  });

  it('though a crashed flusher has left its half', () => {
    const path = join(temporaryFolder(), 'ledger.json');
    writeFileSync(`${path}.flushId.tmp`, 'half');
    replaceFile(path, 'new', 'flushId');
    expect(readText(path)).toBe('new');
  });

  it('not where a folder stands, and leaves nothing', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'ledger.json', 'inside'), { recursive: true });
    expect(() => replaceFile(join(folder, 'ledger.json'), 'new', 'flushId')).toThrow(
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
      import { replaceFile } from ${JSON.stringify(fileUrl('sender-thread/spool.ts'))};
      try { replaceFile(${JSON.stringify(path)}, 'x'.repeat(100_000), 'flushId'); }
      catch (error) { console.log(error.code); }`;
    const { stdout } = await runProgram(program, { shell: 'ulimit -f 8; exec "$@"' });
    expect(stdout).toBe('EFBIG\n');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['ledger.json']);
  });
});

it('reads a text, or null where there is none, and throws where it cannot', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'text'), 'text');
  expect(readText(join(folder, 'text'))).toBe('text');
  expect(readText(join(folder, 'none'))).toBeNull();
  expect(() => readText(folder)).toThrow('EISDIR');
});

it('tells codes of the file system from other errors', () => {
  expect(isCode(Object.assign(new Error('no'), { code: 'ENOENT' }), 'ENOENT')).toBe(true);
  expect(isCode(Object.assign(new Error('no'), { code: 'EACCES' }), 'ENOENT')).toBe(false);
  expect(isCode(new Error('ENOENT'), 'ENOENT')).toBe(false);
  expect(isCode({ code: 'ENOENT' }, 'ENOENT')).toBe(false);
});
