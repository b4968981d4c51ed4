import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bufferFile } from '../../contract/files.ts';
import { serverOf, useFront } from '../support/mcp/front.ts';
import { countsIn, startMcp } from '../support/mcp/process.ts';

// One session with a case of every kind, the whole way: from a client, through the tap, to the buffer.
// What each spelling, order and reply comes to is tested beside tap, scanner and open calls.
const { tap } = useFront();

const secret = 'customer-4711';
// The client's lines begin with `>`, the server's with `<`.
const asks = (fields: object): string => `> ${JSON.stringify({ jsonrpc: '2.0', ...fields })}`;
const says = (fields: object): string => `< ${JSON.stringify({ jsonrpc: '2.0', ...fields })}`;
const call = (id: unknown, name: unknown = 'codegraph_node', clientInfo?: object): string => {
  const _meta = { 'io.modelcontextprotocol/clientInfo': clientInfo };
  return asks({ id, method: 'tools/call', params: { name, arguments: { path: secret }, _meta } });
};
const result = (id: unknown, fields: object = { content: [{ text: secret }] }): string =>
  says({ id, result: fields });
const failure = (id: unknown): string => says({ id, error: { code: -32602, message: secret } });
const big = '9007199254740993';

const dialogue: readonly string[] = [
  asks({
    id: 'first',
    method: 'initialize',
    params: { clientInfo: { name: 'claude-code', version: '2.1.317' } },
  }),
  result('first', {}),
  // Ids of every kind, answered out of order and twice.
  call(2),
  call('2'),
  call(''),
  call(null),
  call(0).replace('"id":0', `"id":${big}`),
  result('2'),
  failure(2),
  result(2),
  result(''),
  result(null),
  result(Number(big)),
  // A failed tool; a question back, and the call again; a task.
  call(3),
  result(3, { isError: true }),
  call(4),
  result(4, { resultType: 'input_required' }),
  call(5),
  result(5),
  call(6, 'codegraph_files'),
  result(6, { resultType: 'task', task: { taskId: 't' } }),
  // Cancelled, and never answered; without an id; a request of the server under an open id.
  call(7),
  asks({ method: 'notifications/cancelled', params: { requestId: 7 } }),
  asks({ method: 'tools/call', params: { name: 'codegraph_node' } }),
  call(8),
  says({ id: 8, method: 'roots/list' }),
  asks({ id: 8, result: { roots: [] } }),
  failure(8),
  // A batch, answered in two messages.
  `> [${call(9).slice(2)},${call(10).slice(2)}]`,
  `< [${failure(10).slice(2)}]`,
  result(9),
  // One that names itself in its request, and names that are on no list.
  call(11, undefined, { name: 'codex-mcp-client', version: '0.165.0' }),
  result(11),
  call(12, secret, { name: secret, version: `1.0-${secret}` }),
  failure(12),
  // Escapes, blanks, other orders, a key twice.
  String.raw`> { "params" : {"name":"x","\u006eame":"codegraph_\u006eode"},"id": 13 ,"method":"\u0074ools\/call"}`,
  `< {"result":{"isError":true,"isError":false},"id":13}`,
];

it('a session is counted to the call, and nothing of it is kept but words of the lists', async () => {
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
  expect(countsIn(process.home)).toEqual([
    ['cli_command serve', 1, 0],
    ['mcp_tool codegraph_files claude-code 2.1', 1, 0],
    ['mcp_tool codegraph_node claude-code 2.1', 11, 4],
    ['mcp_tool codegraph_node codex 0.165', 1, 0],
    ['mcp_tool other other 1.0', 1, 1],
  ]);
  expect(readFileSync(join(process.home.folder, bufferFile)).includes(secret)).toBe(false);
});
