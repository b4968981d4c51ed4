import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferFile } from '../contract/files.ts';
import { countsIn, framesIn } from '../spec/support/buffer.ts';
import { temporaryPaths } from '../spec/support/home.ts';
import { fuzzRuns } from '../spec/support/fuzz-runs.ts';
import { fileUrl, runProgram } from '../spec/support/programs.ts';
import { openTelemetry, type Telemetry } from './telemetry.ts';

/** A host may be plain JavaScript, and hand on anything: no method throws, and no other count is lost. */

const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('of the host');
    },
    has: () => {
      throw new Error('of the host');
    },
    ownKeys: () => {
      throw new Error('of the host');
    },
  },
);
const endless = {
  *[Symbol.iterator]() {
    for (;;) yield 'go';
  },
};

const oddities: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1,
  NaN,
  Infinity,
  -Infinity,
  1e308,
  2 ** 53,
  10n ** 40n,
  '',
  '__proto__',
  'constructor',
  '\u0000\uD800',
  'x'.repeat(1_000_000),
  Symbol('s'),
  Symbol.iterator,
  () => {
    throw new Error('of the host');
  },
  [],
  [1n, Symbol('s'), null],
  // oxlint-disable-next-line no-sparse-arrays -- a list with a hole
  ['go', , 'ruby'],
  { map: () => [1n] },
  { length: 1e9 },
  throwing,
  endless,
  Object.create(null),
  new Date(NaN),
  { toString: throwing, valueOf: throwing, toJSON: throwing },
  {
    get name() {
      throw new Error('of the host');
    },
  },
  Object.freeze({ name: 7n, version: Symbol('v') }),
];

type Call = (telemetry: Record<keyof Telemetry, (...values: unknown[]) => unknown>) => unknown;

/** A call with oddities wherever a host can put one. */
function callsWith(odd: unknown, other: unknown): readonly Call[] {
  return [
    (t) => t.count(odd, 'query', { ok: other }),
    (t) => t.count('cli_command', odd, other),
    (t) => t.count('mcp_tool', 'codegraph_node', odd),
    (t) => t.count('mcp_tool', 'codegraph_node', { ok: odd, client: other }),
    (t) => t.count('mcp_tool', 'codegraph_node', { client: { name: odd, version: other } }),
    (t) => t.record(odd, other),
    (t) => t.record('index', { languages: odd, fileCount: 1, durationMs: 1 }),
    (t) => t.record('index', { languages: ['go'], fileCount: odd, durationMs: other }),
    (t) => t.record('install', { targets: odd, scope: 'global', kind: 'fresh' }),
    (t) => t.record('install', { targets: ['claude'], scope: odd, kind: other }),
    (t) => t.record('uninstall', { targets: odd }),
    (t) => t.record('uninstall', odd),
    (t) => t.flushEvery(odd),
    (t) => t.persist(odd),
    (t) => t.status(odd),
    (t) => t.drop(odd),
  ];
}

const open = (now?: () => number): { telemetry: Telemetry; dataDir: string } => {
  const paths = temporaryPaths();
  const telemetry = openTelemetry({ version: '1.6.1', paths, env: {}, ...(now && { now }) });
  return { telemetry, dataDir: paths.dataDir };
};

describe('whatever a host hands over', () => {
  it('no call throws, and what was counted around it is on the disk', async () => {
    const { telemetry, dataDir } = open();
    const hostile = telemetry as unknown as Parameters<Call>[0];
    telemetry.count('cli_command', 'query');
    const calls = oddities.flatMap((odd, at) => callsWith(odd, oddities.at(at - 7)));
    expect(calls.length).toBeGreaterThan(450);
    for (const call of calls) expect(() => call(hostile)).not.toThrow();
    telemetry.count('cli_command', 'query');
    await telemetry.close();
    expect(countsIn(framesIn(dataDir))['query']).toBe('2/0');
  });

  it('no call throws, with any value there is', async () => {
    const { telemetry, dataDir } = open();
    const hostile = telemetry as unknown as Parameters<Call>[0];
    const any = fc.anything({ withBigInt: true, withDate: true, withSparseArray: true });
    fc.assert(
      fc.property(any, any, (odd, other) => {
        // A full buffer takes no counts, which is as it should be.
        rmSync(join(dataDir, bufferFile), { force: true });
        for (const call of callsWith(odd, other)) call(hostile);
      }),
      { numRuns: fuzzRuns(40) },
    );
    telemetry.count('cli_command', 'sync');
    await telemetry.close();
    expect(countsIn(framesIn(dataDir))['sync']).toBe('1/0');
  });

  it.each(oddities.map((odd, at) => [at, odd] as const))(
    'flush and close settle, given oddity %i',
    async (_at, odd) => {
      const { telemetry } = open();
      const hostile = telemetry as unknown as Parameters<Call>[0];
      await hostile.flush(odd);
      await hostile.flush({ timeoutMs: typeof odd === 'number' && odd > 5 ? 5 : odd });
      await expect(hostile.close(odd)).resolves.toBeUndefined();
    },
  );

  it.each(oddities.map((odd, at) => [at, odd] as const))(
    'a clock that says oddity %i costs no count',
    async (_at, odd) => {
      const { telemetry, dataDir } = open((() => odd) as unknown as () => number);
      telemetry.count('cli_command', 'query');
      expect(() => telemetry.status()).not.toThrow();
      await telemetry.close();
      expect(countsIn(framesIn(dataDir))['query']).toBe('1/0');
    },
  );
});

it('keeps no name that is long, however many come', async () => {
  const program = `
    import { openTelemetry } from ${JSON.stringify(fileUrl('src/telemetry.ts'))};
    const telemetry = openTelemetry({ version: '1.6.1' });
    telemetry.count('cli_command', 'query');
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 500; n++) {
      const long = n + 'x'.repeat(100_000) + n;
      // One string, not a rope of pieces.
      telemetry.count('mcp_tool', Buffer.from(long).toString('latin1'), { client: { name: long, version: long } });
    }
    gc();
    console.log(process.memoryUsage().heapUsed - before);`;
  const shell = 'program="$1"; shift; exec "$program" --expose-gc "$@"';
  const { stdout, stderr } = await runProgram(program, { shell });
  expect(stderr).toBe('');
  expect(Number(stdout)).toBeLessThan(2 * 1024 * 1024);
});

it('prints nothing, in a process with twelve of it', async () => {
  const program = `
    import { openTelemetry } from ${JSON.stringify(fileUrl('src/telemetry.ts'))};
    const all = Array.from({ length: 12 }, () => openTelemetry({ version: '1.6.1' }));
    for (const telemetry of all) {
      telemetry.count('cli_command', 'query');
      telemetry.flushEvery(1e9);
      void telemetry.flush();
    }`;
  expect(await runProgram(program)).toMatchObject({ code: 0, stdout: '', stderr: '' });
});
