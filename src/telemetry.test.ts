import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { spoolFolder } from '../contract/files.ts';
import { countsIn, framesIn } from '../spec/support/buffer.ts';
import { choose } from '../spec/support/flushes.ts';
import { fileUrl, runProgram, startProgram } from '../spec/support/programs.ts';
import { temporaryFolder, temporaryPaths } from '../spec/support/home.ts';
import { openTelemetry, type TelemetryOptions } from './telemetry.ts';

const opened = `
  import { openTelemetry } from ${JSON.stringify(fileUrl('src/telemetry.ts'))};
  const open = (options) => openTelemetry({ version: '1.6.1', ...options });`;

/** What a program prints that opens telemetry in a home of its own, with this environment. */
async function printed(code: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout, stderr } = await runProgram(`${opened}${code}`, { env });
  expect(stderr).toBe('');
  return stdout.trim();
}

describe('refuses, by name,', () => {
  test.each<[what: string, options: unknown, message: RegExp]>([
    ['nothing', undefined, /expected options, got undefined/],
    ['a text', '1.6.1', /expected options, got 1\.6\.1/],
    ['no version', {}, /expected version to be a string, got undefined/],
    ['a version that is a number', { version: 1.6 }, /version to be a string, got number/],
    ['a flag that is a text', { version: '', isDisabled: 'yes' }, /isDisabled to be a boolean/],
    [
      'an endpoint that is a URL',
      { version: '', endpoint: new URL('http://a') },
      /endpoint to be a string/,
    ],
    ['a clock that is a number', { version: '', now: 0 }, /now to be a function, got number/],
  ])('%s', (_, options, message) => {
    expect(() => openTelemetry(options as TelemetryOptions)).toThrow(message);
  });
});

const status = 'const { consent, maySend, endpoint } = open({}).status();';

describe('choose', () => {
  it('stores the choice, and says what holds', () => {
    const paths = temporaryPaths();
    const telemetry = openTelemetry({ version: '1.6.1', paths, env: {} });
    expect(telemetry.choose('off', 'cli')).toMatchObject({ ok: true, mode: 'off' });
    expect(telemetry.status()).toMatchObject({ storedMode: 'off', machineId: null });
    expect(telemetry.choose('on')).toMatchObject({ ok: true, mode: 'on', storedMode: 'on' });
  });

  it('holds for the next count, and for none before an off', () => {
    const paths = temporaryPaths();
    const telemetry = openTelemetry({ version: '1.6.1', paths, env: {} });
    telemetry.count('cli_command', 'query');
    telemetry.choose('off');
    telemetry.choose('on');
    telemetry.count('cli_command', 'sync');
    telemetry.persist();
    expect(countsIn(framesIn(paths.dataDir))).toEqual({ sync: '1/0' });
  });

  it('refuses what is no mode, as a value', () => {
    const telemetry = openTelemetry({ version: '1.6.1', paths: temporaryPaths(), env: {} });
    expect(telemetry.choose('maybe' as 'on')).toMatchObject({ ok: false, storedMode: null });
  });
});

it('reads its variables from the environment that it is given', () => {
  const home = temporaryFolder();
  const env = { HOME: home, USERPROFILE: home, DO_NOT_TRACK: '1' };
  const { consent, paths } = openTelemetry({ version: '1.6.1', env }).status();
  expect(consent.decidedBy).toBe('DO_NOT_TRACK');
  expect(paths?.dataDir).toBe(`${home}/.codegraph`);
});

describe('status', () => {
  test.each<[env: Readonly<Record<string, string>>, decision: string]>([
    [{}, 'on default false'],
    [{ CODEGRAPH_TELEMETRY: '1' }, 'on CODEGRAPH_TELEMETRY true'],
    [{ CODEGRAPH_TELEMETRY: '0' }, 'off CODEGRAPH_TELEMETRY false'],
    [{ DO_NOT_TRACK: '1', CODEGRAPH_TELEMETRY: '1' }, 'off DO_NOT_TRACK false'],
    [{ HOME: '', USERPROFILE: '', CODEGRAPH_TELEMETRY: '1' }, 'off unreadable false'],
    [
      { HOME: 'relative', USERPROFILE: 'relative', CODEGRAPH_TELEMETRY: '1' },
      'off unreadable false',
    ],
  ])('in %o', async (env, decision) => {
    const code = `${status} console.log(consent.mode, consent.decidedBy, maySend);`;
    expect(await printed(code, env)).toBe(decision);
  });

  test.each<
    [what: string, env: Readonly<Record<string, string>>, options: object, expected: string]
  >([
    ['the published one', {}, {}, 'https://telemetry.getcodegraph.com/v1/events'],
    ['the variable’s', { CODEGRAPH_TELEMETRY_ENDPOINT: 'https://a/' }, {}, 'https://a/'],
    [
      'the option’s',
      { CODEGRAPH_TELEMETRY_ENDPOINT: 'https://a/' },
      { endpoint: 'https://b/' },
      'https://b/',
    ],
  ])('has an endpoint: %s', async (_, env, options, expected) => {
    const code = `console.log(open(${JSON.stringify(options)}).status().endpoint);`;
    expect(await printed(code, env)).toBe(expected);
  });
});

describe('off', () => {
  // Every method, with arguments that would leave something behind.
  const everything = `
    telemetry.count('mcp_tool', 'codegraph_node');
    telemetry.record('index', { languages: ['go'], fileCount: 1, durationMs: 1 });
    telemetry.persist();
    telemetry.flushEvery(10);
    console.log((await telemetry.flush({ timeoutMs: 1_000 })).outcome);
    await telemetry.close();`;

  test.each<[what: string, env: Readonly<Record<string, string>>, options: string]>([
    ['by DO_NOT_TRACK', { DO_NOT_TRACK: '1' }, '{}'],
    ['by CODEGRAPH_TELEMETRY', { CODEGRAPH_TELEMETRY: 'off' }, '{}'],
    ['by the option', {}, '{ isDisabled: true }'],
  ])('leaves no file and no folder, whatever is called: %s', async (_, env, options) => {
    const home = temporaryFolder();
    const code = `const telemetry = open(${options}); ${everything}`;
    expect(await printed(code, { ...env, HOME: home, USERPROFILE: home })).toBe('off');
    expect(readdirSync(home)).toEqual([]);
  });

  it('by the stored choice, leaves the choice alone', async () => {
    const paths = temporaryPaths();
    choose(paths, { enabled: false });
    const code = `const telemetry = open({ paths: ${JSON.stringify(paths)} }); ${everything}`;
    expect(await printed(code)).toBe('off');
    expect(readdirSync(paths.dataDir)).toEqual(['telemetry.json']);
  });
});

describe('a program that', () => {
  const counting = (paths: object, code: string): string =>
    `${opened} const telemetry = open({ paths: ${JSON.stringify(paths)} }); telemetry.count('cli_command', 'query'); ${code}`;

  test.each<[what: string, code: string, signal: NodeJS.Signals | undefined]>([
    ['returns', '', undefined],
    ['calls process.exit', 'process.exit(3);', undefined],
    ['throws', `throw new Error('broken');`, undefined],
    [
      'has a handler for a signal',
      `process.on('SIGTERM', () => process.exit(1)); wait();`,
      'SIGTERM',
    ],
    ['gets SIGTERM', 'wait();', 'SIGTERM'],
    ['gets SIGINT', 'wait();', 'SIGINT'],
    ['gets SIGHUP', 'wait();', 'SIGHUP'],
  ])('%s has counted', async (_, code, signal) => {
    if (signal !== undefined && process.platform === 'win32') return;
    const paths = temporaryPaths();
    const wait = `function wait() { setInterval(() => {}, 60_000); console.log('ready'); }`;
    const program = startProgram(counting(paths, `${code} ${wait}`));
    if (signal !== undefined) {
      await program.printed('ready');
      program.child.kill(signal);
    }
    await program.ended;
    expect(framesIn(paths.dataDir)).toMatchObject([{ counters: [[0, 'query', 1, 0]] }]);
  });

  it('is killed has counted what it had persisted', async () => {
    const paths = temporaryPaths();
    const program = startProgram(
      counting(
        paths,
        `telemetry.persist(); telemetry.count('cli_command', 'sync');
        setInterval(() => {}, 60_000); console.log('ready');`,
      ),
    );
    await program.printed('ready');
    program.child.kill('SIGKILL');
    await program.ended;
    expect(framesIn(paths.dataDir)).toMatchObject([{ counters: [[0, 'query', 1, 0]] }]);
  });

  it('counts, and cannot write, ends as it would have', async () => {
    const paths = temporaryPaths();
    writeFileSync(join(paths.dataDir, spoolFolder), 'a file in the folder’s place');
    expect(await runProgram(counting(paths, 'process.exitCode = 5;'))).toEqual({
      code: 5,
      signal: null,
      stdout: '',
      stderr: '',
    });
  });
});
