import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newHome, openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { type Calls, type PlaySession, playV1, playV2 } from '../support/mcp/clients.ts';
import { bareEngine, indexed, tappedEngine } from '../support/mcp/engine.ts';
import { programPath, serverOf, useFront } from '../support/mcp/front.ts';
import { countsIn } from '../support/mcp/process.ts';

// Clients and servers that nobody here wrote: they see the same with the tap as without.
const { bare, tap } = useFront();

const clients: readonly (readonly [name: string, play: PlaySession])[] = [
  ['SDK v1', playV1],
  ['SDK v2, which asks for the new protocol first', playV2],
];

const session = ['cli_command serve', 1, 0] as const;

// Its index takes seconds, and serves all of them.
let home: TestHome;

beforeAll(async () => {
  home = await indexed(openHome());
});

afterAll(() => {
  home[Symbol.dispose]();
});

describe.each(clients)('%s', (_, play) => {
  it('with the real engine', async () => {
    rmSync(home.spool, { recursive: true, force: true });
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
    const own = newHome();
    const [alone, tapped] = await Promise.all([
      play(bare(server), newHome(), calls),
      play(tap(server), own, calls),
    ]);

    expect(tapped).toEqual(alone);
    expect(countsIn(own)).toEqual([session, ['mcp_tool other other 3.2', 7, 2]]);
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
    const own = newHome();
    const [alone, tapped] = await Promise.all([
      play(bare(server), newHome(), calls),
      play(tap(server), own, calls),
    ]);

    expect(tapped).toEqual(alone);
    expect(countsIn(own).slice(0, 3)).toEqual([
      session,
      ['mcp_tool codegraph_explore other 3.2', 2, 0],
      ['mcp_tool codegraph_node other 3.2', 1, 1],
    ]);
  });
});

it('a client that only asks what a server can do leaves nothing', async () => {
  const server = serverOf(`await import(${JSON.stringify(programPath('mcp-modern-server.mjs'))});`);
  const own = newHome();
  const { era, tools } = await playV2(tap(server), own, []);
  expect(era).toBe('2026-07-28');
  expect(tools).toHaveLength(3);
  expect(listFiles(own.home)).toEqual([]);
});
