import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { request } from '../testing/mcp-bytes.ts';
import { type Launch, serverOf, useFront } from '../testing/mcp-front.ts';
import { countsIn, startMcp, traits } from '../testing/mcp-process.ts';
import { temporaryFolder } from '../testing/temporary-home.ts';

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
  return { ending, files: filesIn(process.home), home: process.home };
}

function filesIn(home: string): readonly string[] {
  if (!statSync(home, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).toSorted();
}

describe('off', () => {
  it.each<readonly [name: string, env: Readonly<Record<string, string>>, flags: readonly string[]]>([
    ['CODEGRAPH_TELEMETRY=0', { CODEGRAPH_TELEMETRY: '0' }, []],
    ['CODEGRAPH_TELEMETRY=nonsense', { CODEGRAPH_TELEMETRY: 'nonsense' }, []],
    ['DO_NOT_TRACK=1', { DO_NOT_TRACK: '1' }, []],
    ['--no-telemetry', {}, ['--no-telemetry']],
    ['no home', { HOME: '' }, []],
  ])('by %s: not a byte differs, and nothing is left', async (_, env, flags) => {
    const script = serverOf(server);
    const alone = await run(bare(script));
    const launch = tap(script);
    const off = await run({ ...launch, args: [...launch.args, ...flags] }, { env });
    expect(off.ending).toEqual(alone.ending);
    expect(off.files).toEqual([]);
  });

  it('by a stored choice: nothing is left beside the choice', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, '.codegraph'));
    writeFileSync(join(home, '.codegraph', 'telemetry.json'), '{ "enabled": false }');
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
    expect(filesIn(probe.home)).toEqual([]);
  });
});

describe('a failure of ours is not felt', () => {
  /** What is wrong with a home, and how it is brought about. */
  const homes: readonly (readonly [name: string, spoil: (folder: string) => string])[] = [
    ['a home that is not there', (folder) => join(folder, 'nowhere')],
    [
      'a home that is a file',
      (folder) => {
        writeFileSync(join(folder, 'file'), '');
        return join(folder, 'file');
      },
    ],
    [
      'a file in the place of the folder',
      (folder) => {
        writeFileSync(join(folder, '.codegraph'), '');
        return folder;
      },
    ],
    [
      'a folder in the place of the buffer',
      (folder) => {
        mkdirSync(join(folder, '.codegraph', 'telemetry', 'buffer.msgpack'), { recursive: true });
        return folder;
      },
    ],
    [
      'a link that leads nowhere in the place of the folder',
      (folder) => {
        symlinkSync('/nonexistent/folder', join(folder, '.codegraph'));
        return folder;
      },
    ],
  ];

  it.each(homes)('%s', async (_, spoil) => {
    const script = serverOf(server);
    const home = spoil(temporaryFolder());
    const launch = { ...tap(script), cwd: dirname(script) };
    expect((await run(launch, { home })).ending).toEqual((await run(bare(script))).ending);
  });

  it('a disk that takes no byte', async () => {
    const script = serverOf(server);
    const { command, args, env } = tap(script);
    const limited = { command: '/bin/sh', args: ['-c', 'ulimit -f 0; exec "$@"', 'sh', command, ...args], env };
    expect((await run(limited)).ending).toEqual((await run(bare(script))).ending);
  });

  it('an installation that lost its files while it ran', async () => {
    const script = serverOf(server);
    const launch = tap(script);
    const [entry = '', ...args] = launch.args;
    const copy = mkdtempSync(join(tmpdir(), 'codegraph-telemetry-front-'));
    onTestFinished(() => {
      rmSync(copy, { recursive: true, force: true });
    });
    cpSync(join(dirname(entry), '..'), copy, { recursive: true, verbatimSymlinks: true });
    const dist = join(copy, 'dist');
    for (const name of readdirSync(dist)) {
      if (/^(?:session|sender)-/.test(name)) rmSync(join(dist, name));
    }
    const broken = { ...launch, args: [join(dist, 'codegraph.js'), ...args] };
    const { ending, files } = await run(broken);
    expect(ending).toEqual((await run(bare(script))).ending);
    expect(files).toEqual([]);
  });
});
