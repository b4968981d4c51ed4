import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bufferFile } from '../../contract/files.ts';
import { serverOf, useFront } from '../support/mcp-front.ts';
import { type Count, countsIn, inOrder, startMcp } from '../support/mcp-process.ts';

// Dialogues between a client and a server, through the tap: what of them is counted. What the
// scanner does with odd bytes is tested beside it; here each protocol case goes the whole way.
const { tap } = useFront();

type Fields = Readonly<Record<string, unknown>>;

const line = (fields: Fields): string => JSON.stringify({ jsonrpc: '2.0', ...fields });
const call = (id: unknown, more: Fields = {}): string =>
  `> ${line({ id, method: 'tools/call', params: { name: 'codegraph_node', arguments: {}, ...more } })}`;
const result = (id: unknown, fields: Fields = { content: [] }): string =>
  `< ${line({ id, result: fields })}`;
const failure = (id: unknown, code = -32602): string =>
  `< ${line({ id, error: { code, message: 'Unknown tool' } })}`;
const initialize = (id: unknown, clientInfo: unknown): string =>
  `> ${line({ id, method: 'initialize', params: { protocolVersion: '2025-06-18', clientInfo } })}`;
const meta = (clientInfo: unknown): Fields => ({
  _meta: { 'io.modelcontextprotocol/clientInfo': clientInfo },
});
const claude = { name: 'claude-code', version: '2.1.317' };
const codex = { name: 'codex-mcp-client', version: '0.165.0' };

const node = 'mcp_tool codegraph_node';
const big = 9_007_199_254_740_993n;

/** A dialogue, and the tool calls that are counted: name and client, calls, errors. */
type Case = readonly [name: string, dialogue: readonly string[], counts: readonly Count[]];

const cases: readonly Case[] = [
  // 1. ids
  ['numbers and numerals', [call(2), call('2'), result('2'), failure(2)], [[node, 2, 1]]],
  [
    'zero, negative, empty and foreign ids',
    [call(0), call(-1), call(''), call('ид'), result('ид'), result(''), result(-1), result(0)],
    [[node, 4, 0]],
  ],
  ['id null', [call(null), result(null)], [[node, 1, 0]]],
  [
    'an id beyond 2^53, answered as JavaScript prints it',
    [call(0).replace('"id":0', `"id":${big}`), result(0).replace('"id":0', `"id":${Number(big)}`)],
    [[node, 1, 0]],
  ],
  // 2. equal ids
  ['equal ids at once', [call(1), call(1), result(1), failure(1)], [[node, 2, 1]]],
  ['a second reply, and one to nobody', [call(1), result(1), result(1), result(7)], [[node, 1, 0]]],
  // 3. many at once
  [
    'out of order',
    [
      call('a'),
      call('b', { name: 'codegraph_search' }),
      call('c', { name: 'codegraph_files' }),
      result('c'),
      failure('b'),
      result('a'),
    ],
    [
      ['mcp_tool codegraph_files', 1, 0],
      [node, 1, 0],
      ['mcp_tool codegraph_search', 1, 1],
    ],
  ],
  // 4. outcomes
  ['isError', [call(1), result(1, { content: [], isError: true })], [[node, 1, 1]]],
  ['isError false', [call(1), result(1, { isError: false })], [[node, 1, 0]]],
  ['a JSON-RPC error', [call(1), failure(1, -32603)], [[node, 1, 1]]],
  [
    'a question back, and the call again',
    [
      call(1),
      result(1, { resultType: 'input_required' }),
      call(2, { inputResponses: {} }),
      result(2, { resultType: 'complete' }),
    ],
    [[node, 1, 0]],
  ],
  ['a task', [call(1), result(1, { resultType: 'task', task: { taskId: 't' } })], [[node, 1, 0]]],
  // 5. cancelled
  [
    'cancelled, without a reply',
    [call(1), `> ${line({ method: 'notifications/cancelled', params: { requestId: 1 } })}`],
    [],
  ],
  [
    'cancelled, with a late reply',
    [
      call(1),
      `> ${line({ method: 'notifications/cancelled', params: { requestId: 1 } })}`,
      failure(1),
    ],
    [[node, 1, 1]],
  ],
  // 6. notification
  [
    'a call without an id',
    [`> ${line({ method: 'tools/call', params: { name: 'codegraph_node' } })}`, result(null)],
    [],
  ],
  // 7. batches
  [
    'a batch, answered in two messages',
    [
      `> [${[call(1), call(2), call(3)].map((text) => text.slice(2)).join(',')}]`,
      `< [${[failure(3), result(1)].map((text) => text.slice(2)).join(',')}]`,
      result(2),
    ],
    [[node, 3, 1]],
  ],
  // 8. requests of the server's
  [
    'the server asks under the id of an open call',
    [
      call(1),
      `< ${line({ id: 1, method: 'roots/list' })}`,
      `> ${line({ id: 1, result: { roots: [] } })}`,
      failure(1),
    ],
    [[node, 1, 1]],
  ],
  // 9. clients
  [
    'by initialize',
    [initialize(0, claude), result(0, {}), call(1), result(1)],
    [[`${node} claude-code 2.1`, 1, 0]],
  ],
  [
    'by both: the request wins, for itself',
    [initialize(0, claude), result(0, {}), call(1, meta(codex)), result(1), call(2), result(2)],
    [
      [`${node} claude-code 2.1`, 1, 0],
      [`${node} codex 0.165`, 1, 0],
    ],
  ],
  ['by the request alone', [call(1, meta(codex)), result(1)], [[`${node} codex 0.165`, 1, 0]]],
  [
    'by a failed initialize: nobody',
    [initialize(0, claude), failure(0), call(1), result(1)],
    [[node, 1, 0]],
  ],
  [
    'ill-typed and very long names',
    [
      initialize(0, { name: 7, version: [] }),
      result(0, {}),
      call(1),
      result(1),
      call(2, meta({ name: 'x'.repeat(5_000), version: 'y'.repeat(5_000) })),
      result(2),
    ],
    [
      [node, 1, 0],
      [`${node} other`, 1, 0],
    ],
  ],
  // 10. eras
  [
    'server/discover answered: initialize never comes',
    [
      `> ${line({ id: 0, method: 'server/discover', params: meta(claude) })}`,
      result(0, { supportedVersions: ['2026-07-28'] }),
      call(1, meta(claude)),
      result(1, { resultType: 'complete', content: [] }),
    ],
    [[`${node} claude-code 2.1`, 1, 0]],
  ],
  [
    'server/discover refused, then initialize',
    [
      `> ${line({ id: 0, method: 'server/discover', params: meta(codex) })}`,
      failure(0, -32601),
      initialize(1, claude),
      result(1, {}),
      call(2),
      result(2),
    ],
    [[`${node} claude-code 2.1`, 1, 0]],
  ],
  // 11. foreign names
  [
    'names that nobody knows',
    [
      call(1, { name: 'delete everything' }),
      call(2, { name: '__proto__' }),
      call(3, { name: 'z'.repeat(100_000) }),
      call(4, { name: { toString: 1 } }),
      ...[1, 2, 3, 4].map((id) => failure(id)),
    ],
    [['mcp_tool other', 4, 4]],
  ],
  // 12. spelling
  [
    'escapes, other orders, more blanks, keys twice, look-alikes',
    [
      '> { "params" : {"arguments":{"name":"codegraph_files","id":9}, "\\u006eame":"codegraph_\\u006eode"},"id": 1 ,"method":"\\u0074ools\\/call"}',
      call(2, { arguments: { method: 'tools/call', isError: true, text: '"id":3,"result":{}' } }),
      '> {"id":8,"id":3,"method":"ping","method":"tools/call","params":{"name":"x","name":"codegraph_node"}}',
      result(1, { content: [{ isError: true, id: 2, error: {} }] }),
      '< {"result":{"isError":true,"isError":false},"id":1,"id":2}',
      result(3),
    ],
    [[node, 3, 0]],
  ],
];

describe('what is counted through the tap', () => {
  it.each(cases)('%s', async (_, dialogue, counts) => {
    const process = startMcp(tap(serverOf(`await mcp.playDialogue(${JSON.stringify(dialogue)});`)));
    let said = 0;
    for (const text of dialogue) {
      if (text.startsWith('> ')) {
        await process.write(`${text.slice(2)}\n`);
      } else {
        said += Buffer.byteLength(text) - 1;
        await process.printed(said);
      }
    }
    process.child.stdin.end();
    expect((await process.ended).code).toBe(0);
    const session: readonly Count[] = counts.length === 0 ? [] : [['cli_command serve', 1, 0]];
    expect(countsIn(process.home)).toEqual(inOrder([...session, ...counts]));
  });

  it('nothing of a call is kept but its words of the lists', async () => {
    const secret = 'customer-4711';
    const dialogue = [
      initialize(0, { name: secret, version: `1.0-${secret}` }),
      result(0, {}),
      call(1, { name: secret, arguments: { path: secret }, ...meta({ name: secret }) }),
      result(1, { content: [{ type: 'text', text: secret }] }),
    ];
    const process = startMcp(tap(serverOf(`await mcp.playDialogue(${JSON.stringify(dialogue)});`)));
    for (const text of dialogue)
      if (text.startsWith('> ')) await process.write(`${text.slice(2)}\n`);
    process.child.stdin.end();
    await process.ended;
    expect(countsIn(process.home)).toHaveLength(2);
    const buffer = readFileSync(join(process.home.folder, bufferFile));
    expect(buffer.includes(secret)).toBe(false);
  });
});
