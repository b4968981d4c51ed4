import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type CallCounter, callCounter, counted } from '../../spec/support/mcp/call-counter.ts';
import { piecesOf } from '../../spec/support/json.ts';
import { tapMcp } from './tap.ts';
import { countToolCalls } from './transport.ts';

/** A message, or a line as it stands. */
type Line = object | string;

interface Session extends CallCounter {
  fromClient(...lines: Line[]): void;
  fromServer(...lines: Line[]): void;
}

function tapped(): Session {
  const counter = callCounter();
  const tap = tapMcp(counter);
  return {
    ...counter,
    fromClient: (...lines) => tap.noteIncoming(bytesOf(lines)),
    fromServer: (...lines) => tap.noteOutgoing(bytesOf(lines)),
  };
}

function bytesOf(lines: readonly Line[]): Buffer {
  return Buffer.from(
    lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
}

const explore = 'codegraph_explore';
const call = (id: unknown, name: unknown = explore, more: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: { query: 'x' }, ...more },
});
const ok = (id: unknown): object => ({ jsonrpc: '2.0', id, result: { content: [] } });
const initialize = (id: unknown, clientInfo?: unknown): object => ({
  jsonrpc: '2.0',
  id,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
});
const named = (name: string): object => ({
  _meta: { 'io.modelcontextprotocol/clientInfo': { name, version: '2.1.0' } },
});

describe('a call', () => {
  it('counts when its reply has passed, not before', () => {
    const session = tapped();
    session.fromClient(call(1));
    expect(session.calls).toEqual([]);
    session.fromServer(ok(1));
    expect(session.calls).toEqual([counted(explore)]);
  });

  it.each([0, -1, 1.5, 2 ** 53 + 2, '', 'a', '1', 'ключ', null])('may have the id %j', (id) => {
    const session = tapped();
    session.fromClient(call(id), call('other', 'codegraph_node'));
    session.fromServer(ok('nobody'), ok(id), ok(id));
    expect(session.calls).toEqual([counted(explore)]);
  });

  it('may have an id that only its digits tell from another', () => {
    const session = tapped();
    session.fromClient(call(2), call('2', 'codegraph_node'));
    session.fromServer(ok('2'), ok(2));
    expect(session.calls.map(({ tool }) => tool)).toEqual(['codegraph_node', explore]);
  });

  it.each<[what: string, one: string, other: string]>([
    ['a number beyond JavaScript', '9007199254740993', '9007199254740992'],
    ['a long number', `${'7'.repeat(3_000)}1`, `${'7'.repeat(3_000)}2`],
    ['a long text', `"${'x'.repeat(3_000)}1"`, `"${'x'.repeat(3_000)}2"`],
  ])('may have an id that is %s', (_, one, other) => {
    const session = tapped();
    const request = (id: string, name: string): string =>
      `{"id":${id},"method":"tools/call","params":{"name":"${name}"}}`;
    session.fromClient(request(one, explore), request(other, 'codegraph_node'));
    session.fromServer(`{"id":${other},"result":{}}`);
    expect(session.calls).toEqual([counted('codegraph_node')]);
    session.fromServer(`{"id":${one},"result":{}}`);
    expect(session.calls).toEqual([counted('codegraph_node'), counted(explore)]);
  });

  it('may be answered behind blanks that were there before it, by a method that is not set', () => {
    const counter = callCounter();
    const tap = tapMcp(counter);
    tap.noteOutgoing(Buffer.from(' \r\n  '));
    tap.noteIncoming(bytesOf([call(1)]));
    tap.noteOutgoing(Buffer.from('\t{"id":1,"method":null,"result":{}}\n'));
    expect(counter.calls).toEqual([counted(explore)]);
  });

  it('that is answered by a task counts by its result, and not if it was cancelled', () => {
    const session = tapped();
    const task = (id: number, method: string, taskId: string): object => ({
      id,
      method,
      params: { taskId },
    });
    for (const id of [1, 2, 3]) session.fromClient(call(id, explore, { task: { ttl: 60_000 } }));
    for (const id of [1, 2, 3])
      session.fromServer({ id, result: { task: { taskId: `task ${id}`, status: 'working' } } });
    expect(session.calls).toEqual([]);
    session.fromClient(task(4, 'tasks/cancel', 'task 1'), task(5, 'tasks/result', 'task 2'));
    session.fromServer({ id: 4, result: { taskId: 'task 1', status: 'cancelled' } });
    session.fromServer({ id: 5, result: { content: [], isError: true } });
    session.fromClient(task(6, 'tasks/result', 'task 1'), task(7, 'tasks/result', 'task 3'));
    session.fromServer({ id: 6, error: { code: -32_602 } }, ok(7));
    expect(session.calls).toEqual([counted(explore, { ok: false }), counted(explore)]);
  });

  it('without an id is none, and neither is one whose id cannot be repeated', () => {
    const session = tapped();
    const { id: _, ...notification } = call(1) as { id: unknown };
    session.fromClient(notification, call({ id: 1 }), call([1]), call(true));
    session.fromServer(ok(1), ok({ id: 1 }), ok([1]), ok(true), { id: null, error: {} });
    expect(session.calls).toEqual([]);
  });

  it.each(['private_tool', '__proto__', '', 'x'.repeat(100_000), null, 7, {}, ['x']])(
    'of a tool that is not on the list is `other`: %j',
    (name) => {
      const session = tapped();
      session.fromClient(call(1, name));
      session.fromServer(ok(1));
      expect(session.calls).toEqual([counted('other')]);
    },
  );

  it('that was cancelled counts when it is answered all the same', () => {
    const session = tapped();
    const cancelled = (requestId: unknown): object => ({
      method: 'notifications/cancelled',
      params: { requestId, reason: 'changed my mind' },
    });
    session.fromClient(call(1), call(2), cancelled(1), cancelled(2), cancelled('2'));
    session.fromServer(ok(2));
    expect(session.calls).toEqual([counted(explore)]);
  });

  it('is not answered by a request of the server, nor by the answer to that', () => {
    const session = tapped();
    session.fromClient(call(1));
    session.fromServer({ id: 1, method: 'roots/list' });
    session.fromClient({ id: 1, result: { roots: [] } });
    session.fromServer({ id: 1, method: 'elicitation/create', params: {}, result: {} });
    expect(session.calls).toEqual([]);
    session.fromServer(ok(1));
    expect(session.calls).toEqual([counted(explore)]);
  });

  it('counts in a batch, whose replies come in any order and in several messages', () => {
    const session = tapped();
    session.fromClient([call(1), { method: 'ping', id: 2 }, call(3, 'codegraph_node'), call(4)]);
    session.fromServer([ok(3), ok(2)], ok(4));
    session.fromServer([{ id: 1, error: { code: -32_603 } }]);
    expect(session.calls).toEqual([
      counted('codegraph_node'),
      counted(explore),
      counted(explore, { ok: false }),
    ]);
  });
});

describe('a client', () => {
  test.each<[string, (session: Session) => void, string | null]>([
    [
      'that introduced itself',
      (session) => {
        session.fromClient(initialize(0, { name: 'claude-code', version: '2.1.317' }));
        session.fromServer(ok(0));
      },
      'claude-code 2.1',
    ],
    [
      'that was refused discovery, and introduced itself then',
      (session) => {
        session.fromClient({ id: 0, method: 'server/discover', params: named('claude-code') });
        session.fromServer({ id: 0, error: { code: -32_601 } });
        session.fromClient(initialize(1, { name: 'goose-cli', version: '1.50.0' }));
        session.fromServer(ok(1));
      },
      'goose 1.50',
    ],
    [
      'that only asked what there is',
      (session) => {
        session.fromClient({ id: 0, method: 'server/discover', params: named('claude-code') });
        session.fromServer(ok(0));
      },
      null,
    ],
    [
      'that was refused',
      (session) => {
        session.fromClient(initialize(0, { name: 'claude-code' }));
        session.fromServer({ id: 0, error: { code: -32_603 } });
      },
      null,
    ],
    [
      'with a name of no kind',
      (session) => {
        session.fromClient(initialize(0, { name: { name: 'claude-code' }, version: 7 }));
        session.fromServer(ok(0));
      },
      null,
    ],
    [
      'with a name that nobody has',
      (session) => {
        session.fromClient(initialize(0, { name: 'x'.repeat(100_000), version: 'v1.2.3' }));
        session.fromServer(ok(0));
      },
      'other 1.2',
    ],
  ])('%s', (_, setUp, client) => {
    const session = tapped();
    setUp(session);
    session.fromClient(call('call'));
    session.fromServer(ok('call'));
    expect(session.calls).toEqual([counted(explore, { client })]);
  });

  it('that names itself in a request made that one', () => {
    const session = tapped();
    session.fromClient(initialize(0, { name: 'codex-mcp-client', version: '0.165.0' }));
    session.fromServer(ok(0));
    session.fromClient(call(1, explore, named('cursor-vscode')), call(2));
    session.fromServer(ok(1), ok(2));
    expect(session.calls.map(({ client }) => client)).toEqual(['cursor 2.1', 'codex 0.165']);
  });

  it('that sends all it has at once is known', () => {
    const session = tapped();
    session.fromClient(initialize(0, { name: 'codex-mcp-client', version: '0.165.0' }), call(1));
    session.fromServer(ok(0), ok(1));
    expect(session.calls).toEqual([counted(explore, { client: 'codex 0.165' })]);
  });
});

describe('bytes', () => {
  const requests = bytesOf([
    '',
    'not JSON',
    initialize(0, { name: 'codex-mcp-client', version: '0.165.0' }),
    '\r',
    call(1, explore, { arguments: { query: 'Ünïcödé \u2028 "tools/call" {"id":7}' } }),
    String.raw`{"params":{"name":"codegraph\u005fnode"},"method":"\u0074ools\/call","id":2}`,
    call(3, 'codegraph_files'),
  ]);
  const replies = bytesOf([
    ok(0),
    'a line of a log',
    { id: 1, result: { content: [{ type: 'text', text: '{"id":3,"result":{"isError":true}}' }] } },
    '\r',
    { id: 2, result: { content: [], isError: true } },
    { method: 'notifications/message', params: { data: '"id":3,"result":{}' } },
  ]);
  const client = 'codex 0.165';
  const expected = [
    counted(explore, { client }),
    counted('codegraph_node', { ok: false, client }),
    counted('codegraph_files', { client }),
  ];
  // Of the last reply, its newline never comes.
  const last = Buffer.from(JSON.stringify(ok(3)));

  it('may be cut anywhere', () => {
    const cuts = fc.array(fc.nat(), { maxLength: 60 });
    fc.assert(
      fc.property(cuts, cuts, (requestCuts, replyCuts) => {
        const counter = callCounter();
        const tap = tapMcp(counter);
        for (const piece of piecesOf(requests, requestCuts)) tap.noteIncoming(piece);
        const all = Buffer.concat([replies, last]);
        for (const piece of piecesOf(all, replyCuts)) tap.noteOutgoing(piece);
        expect(counter.calls).toEqual(expected);
      }),
    );
  });

  it('may be any, and throw nothing', () => {
    const noise = fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 200 })));
    fc.assert(
      fc.property(noise, (chunks) => {
        const counter = callCounter();
        const tap = tapMcp(counter);
        for (const [isIncoming, bytes] of chunks) {
          if (isIncoming) tap.noteIncoming(Buffer.from(bytes));
          else tap.noteOutgoing(Buffer.from(bytes));
        }
        tap.noteIncoming(bytesOf(['', call(1)]));
        tap.noteOutgoing(bytesOf(['', ok(1)]));
        expect(counter.calls).toEqual([counted(explore)]);
      }),
    );
  });
});

it('ends the counting, and nothing else, when it fails', () => {
  let counts = 0;
  const tap = tapMcp({
    count: () => {
      counts += 1;
      throw new Error('a defect');
    },
  });
  for (const id of [1, 2, 3, 4]) {
    tap.noteIncoming(bytesOf([call(id)]));
    tap.noteOutgoing(bytesOf([ok(id)]));
  }
  expect(counts).toBe(1);
});

it('counts what the decorated transport counts, whatever is said', async () => {
  const id = fc.constantFrom(0, 1, 2, '1', '', null);
  const client = fc.option(
    fc.record(
      {
        name: fc.constantFrom<unknown>('codex', 'cursor-vscode', 'alices-agent', '', 7),
        version: fc.constantFrom<unknown>('1.2.3', 'x', 7),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  );
  const request = fc.oneof(
    fc.record({ id, method: fc.constant('initialize'), params: fc.record({ clientInfo: client }) }),
    fc
      .record({ id, name: fc.constantFrom(explore, 'codegraph_node', 'x', 7), clientInfo: client })
      .map(({ id: callId, name, clientInfo }) =>
        call(callId, name, { _meta: { 'io.modelcontextprotocol/clientInfo': clientInfo } }),
      ),
    fc.record({
      method: fc.constant('notifications/cancelled'),
      params: fc.record({ requestId: id }),
    }),
    fc.record({ id, method: fc.constantFrom('ping', 'tools/list') }),
    id.map((callId) => call(callId, explore, { task: {} })),
    fc.record({
      id,
      method: fc.constantFrom('tasks/result', 'tasks/get', 'tasks/cancel'),
      params: fc.record({ taskId: fc.constantFrom('a', 'b', 7) }),
    }),
    id.map(ok),
  );
  const reply = fc.oneof(
    { weight: 3, arbitrary: id.map(ok) },
    id.map((replyId) => ({ id: replyId, error: { code: -32_602 } })),
    id.map((replyId) => ({ id: replyId, result: { isError: true } })),
    id.map((replyId) => ({ id: replyId, result: { resultType: 'input_required' } })),
    fc.record({
      id,
      result: fc.oneof(
        fc.record({ task: fc.record({ taskId: fc.constantFrom('a', 'b', 7) }) }),
        fc.record({
          taskId: fc.constantFrom('a', 'b'),
          status: fc.constantFrom('working', 'completed', 'failed', 'cancelled'),
        }),
      ),
    }),
    fc.record({ id, method: fc.constantFrom('roots/list', null), result: fc.constant({}) }),
  );
  const several = <T>(message: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
    fc.oneof({ weight: 4, arbitrary: message }, fc.array(message, { maxLength: 3 }));
  const steps = fc.array(
    fc.oneof(
      several(request).map((message) => ({ isRequest: true, message })),
      several(reply).map((message) => ({ isRequest: false, message })),
    ),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const session = tapped();
      const counter = callCounter();
      const transport = countToolCalls(
        {
          onmessage: (_message: object): void => {},
          send: (_message: object): Promise<void> => Promise.resolve(),
        },
        counter,
      );
      for (const { isRequest, message } of script) {
        if (isRequest) {
          session.fromClient(message);
          transport.onmessage(JSON.parse(JSON.stringify(message)) as object);
        } else {
          session.fromServer(message);
          await transport.send(JSON.parse(JSON.stringify(message)) as object);
        }
      }
      expect(counter.calls).toEqual(session.calls);
    }),
    { numRuns: 300 },
  );
});
