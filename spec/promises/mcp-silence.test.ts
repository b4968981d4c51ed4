import { cpSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { badPlaces } from '../support/bad-files.ts';
import { newHome, writeChoice } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { request } from '../support/mcp/bytes.ts';
import { type Launch, serverOf, useFront } from '../support/mcp/front.ts';
import { countsIn, startMcp, traits } from '../support/mcp/process.ts';

// Off is off; and what fails in counting is never felt.
const { bare, tap } = useFront();

const server = `
  mcp.answerAll(({ id, method }) => ({ jsonrpc: '2.0', id, result: { method } }));
  process.stderr.write('a server may talk\\n');`;

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'cursor' } },
};
const session = `${JSON.stringify(initialize)}\n${request(1)}\n${request('two')}\n`;

/** A whole session; resolves with what the client saw and what is left in the home. */
async function run(launch: Launch, options: Parameters<typeof startMcp>[1] = {}) {
  const process = startMcp(launch, options);
  await process.write(session);
  process.child.stdin.end();
  const ending = traits(await process.ended);
  return { ending, files: listFiles(process.home.home), home: process.home };
}

describe('off', () => {
  it.each<readonly [name: string, env: Readonly<Record<string, string>>, flags: readonly string[]]>(
    [
      ['CODEGRAPH_TELEMETRY=0', { CODEGRAPH_TELEMETRY: '0' }, []],
      ['CODEGRAPH_TELEMETRY=nonsense', { CODEGRAPH_TELEMETRY: 'nonsense' }, []],
      ['DO_NOT_TRACK=1', { DO_NOT_TRACK: '1' }, []],
      ['--no-telemetry', {}, ['--no-telemetry']],
      ['no home', { HOME: '' }, []],
    ],
  )('by %s: not a byte differs, and nothing is left', async (_, env, flags) => {
    const script = serverOf(server);
    const alone = await run(bare(script));
    const launch = tap(script);
    const off = await run({ ...launch, args: [...launch.args, ...flags] }, { env });
    expect(off.ending).toEqual(alone.ending);
    expect(off.files).toEqual([]);
  });

  it('by a stored choice: nothing is left beside the choice', async () => {
    const home = newHome();
    writeChoice(home, '{ "enabled": false }');
    const script = serverOf(server);
    const off = await run(tap(script), { home, env: { CODEGRAPH_TELEMETRY: undefined } });
    expect(off.ending).toEqual((await run(bare(script))).ending);
    expect(off.files).toEqual(['.codegraph', '.codegraph/telemetry.json']);
  });

  it.runIf(process.platform === 'linux')('the server has the client’s own streams', async () => {
    const script = serverOf(`mcp.greet(); await mcp.inputEnded();`);
    const off = startMcp(tap(script), { env: { CODEGRAPH_TELEMETRY: '0' } });
    await off.printed('pid');
    const [, pid] = /"pid":(\d+)/.exec(off.output().toString()) ?? [];
    for (const stream of [0, 1, 2]) {
      const ofServer = readlinkSync(`/proc/${pid}/fd/${stream}`);
      expect(ofServer).toBe(readlinkSync(`/proc/${off.child.pid}/fd/${stream}`));
    }
    off.child.stdin.end();
    expect((await off.ended).code).toBe(0);
  });
});

describe('on', () => {
  it('a session is counted', async () => {
    const { home } = await run(tap(serverOf(server)));
    expect(countsIn(home)).toEqual([
      ['cli_command serve', 1, 0],
      ['mcp_tool codegraph_explore cursor', 2, 0],
    ]);
  });

  it('a process that saw no call leaves nothing', async () => {
    const probe = startMcp(tap(serverOf(server)));
    await probe.write(`${JSON.stringify(initialize)}\n`);
    await probe.printed('\n');
    probe.child.stdin.end();
    expect((await probe.ended).code).toBe(0);
    expect(listFiles(probe.home.home)).toEqual([]);
  });
});

// One for each thing that fails: reading the choice, opening the buffer, making the folder, finding
// the home. Commands and programs are tried with all places in bad-input.test.ts.
const places = badPlaces.filter(({ name }) =>
  [
    'a folder in place of the choice',
    'a pipe in place of the buffer',
    'a file in place of ~/.codegraph',
    'a home that is not absolute',
  ].includes(name),
);

describe('a failure of ours is not felt', () => {
  it.each(places)('$name', async ({ make }) => {
    const script = serverOf(server);
    const home = newHome();
    const otherHome = make(home);
    const env = otherHome === undefined ? {} : { HOME: otherHome };
    expect((await run(tap(script), { home, env })).ending).toEqual(
      (await run(bare(script))).ending,
    );
  });

  it('a disk that takes no byte', async () => {
    const script = serverOf(server);
    const { command, args, env } = tap(script);
    const limited = {
      command: '/bin/sh',
      args: ['-c', 'ulimit -f 0; exec "$@"', 'sh', command, ...args],
      env,
    };
    expect((await run(limited)).ending).toEqual((await run(bare(script))).ending);
  });

  it('an installation that lost its files while it ran', async () => {
    const script = serverOf(server);
    const launch = tap(script);
    const [command = '', ...args] = launch.args;
    const copy = join(newHome().root, 'package');
    cpSync(dirname(dirname(command)), copy, { recursive: true, verbatimSymlinks: true });
    const dist = join(copy, 'dist');
    const lost = readdirSync(dist)
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(dist, name))
      .filter((path) => readFileSync(path, 'utf8').includes('function tapMcp('));
    expect(lost).not.toEqual([]);
    for (const path of lost) rmSync(path);
    const broken = { ...launch, args: [join(dist, basename(command)), ...args] };
    const { ending, files } = await run(broken);
    expect(ending).toEqual((await run(bare(script))).ending);
    expect(files).toEqual([]);
  });
});
