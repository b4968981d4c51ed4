import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { bufferFile, choiceFileName, spoolFolder } from '../../contract/files.ts';
import { maxChoiceFileBytes } from '../../contract/limits.ts';
import { temporaryPaths, temporarySpool } from '../../spec/support/home.ts';
import { choose } from './choose.ts';
import { ConsentWatch } from './watch.ts';

const overrides = { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false };

describe('off', () => {
  it('deletes what was counted here and by the engine, and leaves what is the engine’s', () => {
    const paths = temporarySpool();
    const queues = ['telemetry-queue.jsonl', 'telemetry-queue.sending.4711.jsonl'];
    const halves = [`${choiceFileName}.17-abc.tmp`, `${choiceFileName}.17.uuid.tmp`];
    for (const name of [
      ...queues,
      ...halves,
      bufferFile,
      'update-check.json',
      'telemetry-ideas.md',
    ])
      writeFileSync(join(paths.dataDir, name), '');
    const result = choose(new ConsentWatch(overrides, paths), 'off');
    expect(result).toMatchObject({ ok: true, mode: 'off' });
    expect(result.message).toContain('the engine');
    expect(readdirSync(paths.dataDir).toSorted()).toEqual(
      [choiceFileName, 'telemetry-ideas.md', 'update-check.json'].toSorted(),
    );
  });

  test.each([
    ['is too long', `{"enabled":true,"note":"${'x'.repeat(maxChoiceFileBytes)}"}`],
    ['is nested deeply', `{"enabled":true,"note":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
    ['is cut off', '{"enabled":tru'],
    ['says two things', '{"enabled":true,"mode":"local"}'],
  ])('ends off over a choice that %s', (_, text) => {
    const paths = temporaryPaths();
    writeFileSync(join(paths.dataDir, choiceFileName), text);
    const watch = new ConsentWatch(overrides, paths);
    expect(choose(watch, 'off')).toMatchObject({ ok: true, mode: 'off', storedMode: 'off' });
  });

  it('says what it could not do', () => {
    const paths = temporaryPaths();
    mkdirSync(join(paths.dataDir, choiceFileName, 'inside'), { recursive: true });
    mkdirSync(join(paths.dataDir, spoolFolder));
    const result = choose(new ConsentWatch(overrides, paths), 'off');
    expect(result).toMatchObject({ ok: false, mode: 'off', storedMode: 'unreadable' });
    expect(result.message).toContain('the choice could not be stored');
    expect(existsSync(join(paths.dataDir, spoolFolder))).toBe(false);
  });
});

describe('on', () => {
  it('leaves nothing of what a killed process left behind an off', () => {
    const paths = temporarySpool();
    const watch = new ConsentWatch(overrides, paths);
    choose(watch, 'off');
    mkdirSync(join(paths.dataDir, spoolFolder));
    writeFileSync(join(paths.dataDir, bufferFile), 'late');
    expect(choose(watch, 'on')).toMatchObject({ ok: true, mode: 'on', storedMode: 'on' });
    expect(existsSync(join(paths.dataDir, bufferFile))).toBe(false);
  });

  it('says what overrides it', () => {
    const watch = new ConsentWatch({ ...overrides, doNotTrack: '1' }, temporaryPaths());
    const { ok, mode, message } = choose(watch, 'on');
    expect([ok, mode]).toEqual([true, 'off']);
    expect(message).toContain('the DO_NOT_TRACK environment variable');
  });
});
