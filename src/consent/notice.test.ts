import { spawnSync } from 'node:child_process';
import * as files from 'node:fs';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { ConsentPaths } from '../../contract/consent.ts';
import { formatNotice, readNotice } from '../../contract/notice.ts';
import { noticeFile, spoolFolder } from '../../contract/files.ts';
import { choose } from '../../spec/support/flushes.ts';
import { fileUrl, runProgram } from '../../spec/support/programs.ts';
import { temporaryPaths } from '../../spec/support/home.ts';
import { noticeText } from './notice.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');

// A terminal of its own for a program, as the tool of that name makes one.
const onTerminal = `exec script -qec "'$1' '$2'" /dev/null`;
const hasTerminals =
  process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

interface Way {
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a process prints that shows the notice twice: it must do so once at the most. */
async function shownBy(paths: ConsentPaths, way: Way = {}): Promise<string> {
  const { code, stdout, stderr } = await runProgram(
    `
    import { openTelemetry } from ${JSON.stringify(fileUrl('src/telemetry.ts'))};
    import { showNotice } from ${JSON.stringify(fileUrl('src/consent/notice.ts'))};
    const telemetry = openTelemetry({ version: '1.6.1', paths: ${JSON.stringify(paths)} });
    showNotice(telemetry, ${now});
    showNotice(telemetry, ${now});`,
    way,
  );
  expect(code).toBe(0);
  // A terminal has one stream for both, and ends lines in its own way.
  return way.shell === undefined ? stderr : stdout.replaceAll('\r\n', '\n');
}

describe('is not shown', () => {
  test.each<[what: string, choice: object]>([
    ['to one who said yes', { enabled: true }],
    ['to one who said no', { enabled: false }],
    ['to one who keeps it local', { enabled: false, mode: 'local' }],
    ['over a file that cannot be read', { enabled: 'maybe' }],
  ])('%s', async (_, choice) => {
    const paths = temporaryPaths();
    choose(paths, choice);
    expect(await shownBy(paths)).toBe('');
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });

  test.each([{ DO_NOT_TRACK: '1' }, { CODEGRAPH_TELEMETRY: '0' }, { CODEGRAPH_TELEMETRY: '1' }])(
    'where the environment has decided: %o',
    async (env) => {
      const paths = temporaryPaths();
      expect(await shownBy(paths, { env })).toBe('');
      expect(readdirSync(paths.dataDir)).toEqual([]);
    },
  );

  it('where it could not be remembered', async () => {
    const paths = temporaryPaths();
    writeFileSync(join(paths.dataDir, spoolFolder), 'a file in the folder’s place');
    expect(await shownBy(paths)).toBe('');
  });

  it('again, once somebody has seen it', async () => {
    const paths = temporaryPaths();
    mkdirSync(join(paths.dataDir, spoolFolder));
    writeFileSync(join(paths.dataDir, noticeFile), formatNotice({ isPrinted: true, seenAt: now }));
    expect(await shownBy(paths)).toBe('');
  });
});

describe('is shown', () => {
  it('into a pipe, once, which starts no time', async () => {
    const paths = temporaryPaths();
    expect(await shownBy(paths)).toBe(`${noticeText}\n`);
    expect(await shownBy(paths)).toBe('');
    expect(readNotice(paths.dataDir, files)).toEqual({ isPrinted: true, seenAt: undefined });
  });

  it.skipIf(!hasTerminals)('on a terminal, once, which starts the time to refuse', async () => {
    const paths = temporaryPaths();
    const terminal = { shell: onTerminal };
    expect(await shownBy(paths, terminal)).toBe(`${noticeText}\n`);
    expect(await shownBy(paths, terminal)).toBe('');
    expect(readNotice(paths.dataDir, files)).toEqual({ isPrinted: true, seenAt: now });
  });

  it.skipIf(!hasTerminals)('on a terminal also when a pipe has had it before', async () => {
    const paths = temporaryPaths();
    await shownBy(paths);
    expect(await shownBy(paths, { shell: onTerminal })).toBe(`${noticeText}\n`);
    expect(readNotice(paths.dataDir, files)).toEqual({ isPrinted: true, seenAt: now });
  });
});

describe.skipIf(!hasTerminals)('on a terminal that no person reads, starts no time:', () => {
  test.each(['CI', 'CLAUDECODE', 'GEMINI_CLI', 'BUILDKITE', 'GIT_DIR'])('%s', async (name) => {
    const paths = temporaryPaths();
    const shown = await shownBy(paths, { shell: onTerminal, env: { [name]: '1' } });
    expect(shown).toBe(`${noticeText}\n`);
    expect(readNotice(paths.dataDir, files)).toEqual({ isPrinted: true, seenAt: undefined });
  });

  it('nothing can be typed', async () => {
    const paths = temporaryPaths();
    await shownBy(paths, { shell: `exec script -qec "'$1' '$2' </dev/null" /dev/null` });
    expect(readNotice(paths.dataDir, files)).toEqual({ isPrinted: true, seenAt: undefined });
  });
});

it('is three lines that fit a terminal, and names the ways to turn it off and to read more', () => {
  const lines = noticeText.split('\n');
  expect(lines).toHaveLength(3);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
  expect(noticeText).toMatch(/TELEMETRY\.md/);
  expect(noticeText).toMatch(/codegraph telemetry off, or CODEGRAPH_TELEMETRY=0$/);
});
