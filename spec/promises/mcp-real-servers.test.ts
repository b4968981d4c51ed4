import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { runEngine } from '../testing/command.ts';
import { listFiles, type TestHome } from '../testing/home.ts';
import { type Calls, type PlaySession, playV1, playV2 } from '../testing/mcp-clients.ts';
import { bareEngine, programPath, serverOf, tappedEngine, useFront } from '../testing/mcp-front.ts';
import { countsIn, newHome } from '../testing/mcp-process.ts';

// Clients and servers that nobody here wrote: they see the same with the tap as without.
const { bare, tap } = useFront();

const clients: readonly (readonly [name: string, play: PlaySession])[] = [
  ['SDK v1', playV1],
  ['SDK v2', playV2('legacy')],
  ['SDK v2 that asks for the new protocol first', playV2('auto')],
];

const session = ['cli_command serve', 1, 0] as const;

describe.each(clients)('%s', (_, play) => {
  it('with the real engine', async () => {
    const home = await indexedHome();
    const calls: Calls = [
      ['codegraph_explore', { query: 'greet' }],
      ['codegraph_node', { symbol: 'greet' }],
      ['codegraph_search', {}],
      ['codegraph_fly', {}],
      ['codegraph_status', {}],
    ];
    // One after the other: a project has one engine at a time.
    const alone = await play(bareEngine(home.project), home, calls);
    expect(listFiles(home.spool)).toEqual([]);
    const tapped = await play(tappedEngine(home.project), home, calls);

    expect(tapped).toEqual(alone);
    expect(tapped.answers[0]).toMatchObject({
      content: [{ text: expect.stringContaining('greet') }],
    });
    const by = (tool: string): string => `mcp_tool ${tool} other 3.2`;
    expect(countsIn(home)).toEqual([
      session,
      [by('codegraph_explore'), 1, 0],
      [by('codegraph_node'), 1, 0],
      [by('codegraph_search'), 1, 1],
      [by('codegraph_status'), 1, 0],
      [by('other'), 1, 1],
    ]);
  });

  it('with server-everything', async () => {
    const everything = createRequire(import.meta.url).resolve(
      '@modelcontextprotocol/server-everything/dist/index.js',
    );
    const server = serverOf(`
      process.argv.splice(2, 10, 'stdio');
      await import(${JSON.stringify(everything)});`);
    const calls: Calls = [
      ['echo', { message: 'héllo\u2028\n' }],
      ['get-sum', { a: 2, b: 3 }],
      ['get-sum', { a: 'two' }],
      ['get-tiny-image', {}],
      ['trigger-long-running-operation', { duration: 0.2, steps: 2 }],
      ['get-structured-content', { location: 'New York' }],
      ['no-such-tool', {}],
    ];
    const home = newHome();
    const [alone, tapped] = await Promise.all([
      play(bare(server), newHome(), calls),
      play(tap(server), home, calls),
    ]);

    expect(tapped).toEqual(alone);
    expect(countsIn(home)).toEqual([session, ['mcp_tool other other 3.2', 7, 2]]);
  });

  it('with a server of both eras', async () => {
    const server = serverOf(
      `await import(${JSON.stringify(programPath('mcp-modern-server.mjs'))});`,
    );
    const calls: Calls = [
      ['codegraph_explore', {}],
      ['codegraph_explore', {}],
      ['codegraph_node', {}],
      ['ask_first', {}],
      ['no_such_tool', {}],
    ];
    const home = newHome();
    const [alone, tapped] = await Promise.all([
      play(bare(server), newHome(), calls),
      play(tap(server), home, calls),
    ]);

    expect(tapped).toEqual(alone);
    expect(countsIn(home).slice(0, 3)).toEqual([
      session,
      ['mcp_tool codegraph_explore other 3.2', 2, 0],
      ['mcp_tool codegraph_node other 3.2', 1, 1],
    ]);
  });
});

it('a client that only asks what a server can do leaves nothing', async () => {
  const server = serverOf(`await import(${JSON.stringify(programPath('mcp-modern-server.mjs'))});`);
  const home = newHome();
  const { era, tools } = await playV2('auto')(tap(server), home, []);
  expect(era).toBe('2026-07-28');
  expect(tools).toHaveLength(3);
  expect(listFiles(home.home)).toEqual([]);
});

async function indexedHome(): Promise<TestHome> {
  const home = newHome();
  const { code, stderr } = await runEngine(home, ['init']);
  if (code !== 0) throw new Error(stderr);
  return home;
}
