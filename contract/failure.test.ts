import files, { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { temporaryPaths } from '../spec/support/home.ts';
import { formatFailure, readFailure } from './failure.ts';
import { failureFile, spoolFolder } from './files.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');

function noteWith(text: string): string {
  const { dataDir } = temporaryPaths();
  mkdirSync(join(dataDir, spoolFolder));
  writeFileSync(join(dataDir, failureFile), text);
  return dataDir;
}

it('keeps the reason and the time, without the kind of error and without a stack’s length', () => {
  const note = noteWith(formatFailure(`Error: TypeError: no room${' and more'.repeat(99)}`, now));
  const failure = readFailure(note, files);
  expect(failure?.at).toBe('2026-11-22T12:00:00.000Z');
  expect(failure?.reason).toMatch(/^no room and more/);
  expect(failure?.reason).toHaveLength(300);
});

test.each(['', 'null', '[]', '{"at":1,"reason":2}', '{"at":"x"'])('a note is none: %j', (text) => {
  expect(readFailure(noteWith(text), files)).toBeUndefined();
});
