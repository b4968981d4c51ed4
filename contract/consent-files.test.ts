import { spawnSync } from 'node:child_process';
import * as files from 'node:fs';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { temporaryPaths, temporarySpool } from '../spec/support/home.ts';
import { type Choice, type Mode, formatChoice, parseChoice, readChoice } from './choice-file.ts';
import { formatNotice, readNotice } from './notice.ts';
import type { ReadableFiles } from './read-file.ts';
import { dataVersion } from './data-version.ts';
import { maxChoiceFileBytes } from './limits.ts';
import { choiceFileName, noticeFile } from './files.ts';

const uuid = 'e0f087a2-15fa-4a29-b614-2d43b12089a9';
const engineFile = {
  enabled: true,
  machine_id: uuid,
  consent_source: 'installer',
  first_run_notice_shown: true,
  updated_at: '2026-11-22T10:49:27.869Z',
};

describe('a choice file that is no choice is unreadable:', () => {
  test.each<[what: string, text: string]>([
    ['empty', ''],
    ['white space', ' \n'],
    ['cut off', JSON.stringify(engineFile).slice(0, -1)],
    ['no JSON', 'enabled: true'],
    ['null', 'null'],
    ['true', 'true'],
    ['a list', '[{"enabled":true}]'],
    ['an empty object', '{}'],
    ['without "enabled"', JSON.stringify({ ...engineFile, enabled: undefined })],
    ['"enabled" as text', JSON.stringify({ ...engineFile, enabled: 'false' })],
    ['"enabled" as a number', JSON.stringify({ ...engineFile, enabled: 1 })],
    ['"enabled" of another object', '{"__proto__":{"enabled":true}}'],
    ['an id that is no UUID', JSON.stringify({ ...engineFile, machine_id: 'alice-laptop' })],
    ['an id in capitals', JSON.stringify({ ...engineFile, machine_id: uuid.toUpperCase() })],
    ['an id that is a number', JSON.stringify({ ...engineFile, machine_id: 7 })],
    ['an answer to no version', JSON.stringify({ ...engineFile, data_version: -1 })],
    ['an answer to a text', JSON.stringify({ ...engineFile, data_version: '1' })],
    ['17 KB', JSON.stringify({ ...engineFile, padding: 'x'.repeat(17 * 1024) })],
  ])('%s', (_, text) => {
    const { dataDir } = temporaryPaths();
    writeFileSync(join(dataDir, choiceFileName), text);
    expect(readChoice(dataDir, files)).toEqual({
      state: 'unreadable',
      reason: expect.stringMatching(/^the choice file counts as off, because /) as string,
    });
  });

  it('a folder', () => {
    const { dataDir } = temporaryPaths();
    mkdirSync(join(dataDir, choiceFileName));
    expect(readChoice(dataDir, files)).toMatchObject({
      reason: expect.stringContaining('not a file'),
    });
  });

  it.skipIf(process.platform === 'win32')('a link that leads in a circle', () => {
    const { dataDir } = temporaryPaths();
    symlinkSync(choiceFileName, join(dataDir, choiceFileName));
    expect(readChoice(dataDir, files)).toMatchObject({
      reason: expect.stringContaining('(ELOOP)'),
    });
  });

  it('a file that may not be read', () => {
    const { dataDir } = temporaryPaths();
    const path = join(dataDir, choiceFileName);
    writeFileSync(path, JSON.stringify(engineFile));
    const forbidden: ReadableFiles = {
      ...files,
      openSync: () => {
        throw Object.assign(new Error(`permission denied, open '${path}'`), { code: 'EACCES' });
      },
    };
    expect(readChoice(dataDir, forbidden)).toEqual({
      state: 'unreadable',
      reason: 'the choice file counts as off, because it cannot be read (EACCES)',
    });
  });
});

const choice: Choice = {
  mode: 'on',
  source: 'installer',
  isEngineOn: true,
  engineId: uuid,
  generation: 0,
};
const ours = { ...choice, isEngineOn: false, engineId: null };
const ourFile = { ...engineFile, enabled: false, data_version: dataVersion };

describe('a choice is read from', () => {
  test.each<[what: string, file: object, expected: Choice]>([
    ['the file of the engine', engineFile, choice],
    ['one of a new machine', { ...engineFile, machine_id: null }, { ...choice, engineId: null }],
    ['one without an id', { ...engineFile, machine_id: undefined }, { ...choice, engineId: null }],
    ['one with keys of others', { ...engineFile, constructor: 1 }, choice],
    ['one that a person wrote', { enabled: true }, { ...choice, source: 'cli', engineId: null }],
    [
      'a no of the engine',
      { ...engineFile, enabled: false },
      { ...choice, mode: 'off', isEngineOn: false },
    ],
    ['a yes to us, which the engine takes for a no', { ...ourFile, mode: 'on' }, ours],
    ['local', { ...ourFile, mode: 'local' }, { ...ours, mode: 'local' }],
    ['a no to us', ourFile, { ...ours, mode: 'off' }],
    [
      'a yes beside a mode that says less',
      { ...engineFile, mode: 'local' },
      { ...choice, mode: 'local' },
    ],
    [
      'one that was turned off twice',
      { ...engineFile, generation: 2 },
      { ...choice, generation: 2 },
    ],
    ['one that was turned off by half', { ...engineFile, generation: 0.5 }, choice],
    ['an answer to less', { ...ourFile, mode: 'on', data_version: 0 }, { ...ours, agreedTo: 0 }],
    [
      'a source to come',
      { ...engineFile, consent_source: 'gui' },
      { ...choice, source: 'default-notice' },
    ],
  ])('%s', (_, file, expected) => {
    expect(parseChoice(JSON.stringify(file))).toEqual({ state: 'read', choice: expected });
  });

  it('no file with a mode of a version to come', () => {
    expect(parseChoice(JSON.stringify({ ...ourFile, mode: 'sampled' }))).toMatchObject({
      state: 'unreadable',
    });
  });

  it('nowhere, where there is no file or no home', () => {
    const { dataDir } = temporaryPaths();
    expect(readChoice(dataDir, files)).toEqual({ state: 'none' });
    expect(readChoice(join(dataDir, 'none'), files)).toEqual({ state: 'none' });
  });
});

describe('a written choice', () => {
  const anyMode = fc.constantFrom<Mode[]>('on', 'local', 'off');
  const terms = fc.record({
    source: fc.constantFrom<Choice['source'][]>('installer', 'cli', 'default-notice'),
    generation: fc.nat(),
  });
  const now = Date.parse('2026-11-22T12:00:00.000Z');
  const cli = { source: 'cli', generation: 0 } as const;

  it('is read as it was meant, and as a no by the engine, whatever stood there before', () => {
    const before = fc.oneof(
      fc.constant(undefined),
      fc.string(),
      fc.json({ maxDepth: 1 }),
      fc.tuple(anyMode, terms).map(([mode, other]) => formatChoice(mode, other, undefined, now)),
    );
    fc.assert(
      fc.property(anyMode, terms, before, (mode, written, previous) => {
        const text = formatChoice(mode, written, previous, now);
        expect(parseChoice(text)).toEqual({ state: 'read', choice: { ...ours, ...written, mode } });
        expect(JSON.parse(text)).toMatchObject({ enabled: false, machine_id: null });
      }),
    );
  });

  it('has the five keys of the engine, the data set it is about, and its mode', () => {
    const text = formatChoice('on', choice, undefined, Date.parse(engineFile.updated_at));
    expect(JSON.parse(text)).toEqual({ ...ourFile, machine_id: null, mode: 'on' });
    expect(JSON.parse(formatChoice('off', choice, text, now))).not.toHaveProperty('mode');
  });

  it('says how often it was turned off, not what stood there', () => {
    const before = formatChoice('on', { ...cli, generation: 5 }, undefined, now);
    expect(JSON.parse(before)).toMatchObject({ generation: 5 });
    expect(JSON.parse(formatChoice('on', cli, before, now))).not.toHaveProperty('generation');
  });

  it('keeps the keys of others', () => {
    const theirs = '{"enabled":false,"engine_flags":{"a":[1]},"__proto__":{"b":2},"note":"mine"}';
    const text = formatChoice('on', cli, theirs, now);
    expect(JSON.parse(text)).toMatchObject({ engine_flags: { a: [1] }, note: 'mine' });
    expect(text).toContain('"__proto__"');
  });

  test.each([
    ['too long', `{"enabled":true,"note":"${'x'.repeat(maxChoiceFileBytes)}"}`],
    [
      'too long in other letters',
      `{"enabled":true,"note":"${'é'.repeat(maxChoiceFileBytes / 2)}"}`,
    ],
    ['nested too deeply', `{"enabled":true,"note":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ])('leaves them out where the whole could not be read again: %s', (_, theirs) => {
    const text = formatChoice('off', cli, theirs, now);
    expect(parseChoice(text)).toMatchObject({ choice: { mode: 'off' } });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxChoiceFileBytes);
  });
});

describe('a notice', () => {
  const unprinted = { isPrinted: false, seenAt: undefined };
  const printed = { isPrinted: true, seenAt: undefined };

  test.each<[what: string, text: string, expected: object]>([
    ['empty', '', unprinted],
    ['no JSON', 'seen', unprinted],
    ['null', 'null', unprinted],
    ['of 17 KB', `{"seen_at":null,"x":"${'x'.repeat(17 * 1024)}"}`, unprinted],
    ['without a time', '{}', printed],
    ['with a time that is none', '{"seen_at":"yesterday"}', printed],
    ['with a number', '{"seen_at":0}', printed],
  ])('that nobody can have seen: %s', (_, text, expected) => {
    const { dataDir } = temporarySpool();
    writeFileSync(join(dataDir, noticeFile), text);
    expect(readNotice(dataDir, files)).toEqual(expected);
  });

  test.each([undefined, 0, Date.parse('2026-11-22T12:00:00.000Z')])(
    'seen at %s is read',
    (seenAt) => {
      const { dataDir } = temporarySpool();
      writeFileSync(join(dataDir, noticeFile), formatNotice({ isPrinted: true, seenAt }));
      expect(readNotice(dataDir, files)).toEqual({ isPrinted: true, seenAt });
    },
  );

  it('is none where there is no file', () => {
    expect(readNotice(temporaryPaths().dataDir, files)).toEqual(unprinted);
  });

  it.skipIf(process.platform === 'win32')(
    'is none where a pipe stands, and nobody waits for it',
    () => {
      const { dataDir } = temporarySpool();
      expect(spawnSync('mkfifo', [join(dataDir, noticeFile)]).status).toBe(0);
      expect(readNotice(dataDir, files)).toEqual(unprinted);
    },
  );
});
