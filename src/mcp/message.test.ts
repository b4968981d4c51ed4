import { describe, expect, it, test } from 'vitest';
import { readMessage } from './message.ts';

const clientKey = 'io.modelcontextprotocol/clientInfo';

describe('a reply', () => {
  test.each([
    ['a result', { id: 1, result: { content: [] } }, 'ok'],
    ['an empty result', { id: 1, result: {} }, 'ok'],
    ['a result that is null', { id: 1, result: null }, 'ok'],
    ['a result that is a text', { id: 1, result: 'isError' }, 'ok'],
    ['a result that is an array', { id: 1, result: [{ isError: true }] }, 'ok'],
    ['an error of the tool', { id: 1, result: { isError: true } }, 'error'],
    ['no error of the tool', { id: 1, result: { isError: false } }, 'ok'],
    ['what is like an error of the tool', { id: 1, result: { isError: 'true' } }, 'ok'],
    ['an error further below', { id: 1, result: { content: [{ isError: true }] } }, 'ok'],
    ['an error of the protocol', { id: 1, error: { code: -32_602 } }, 'error'],
    ['an error without a code', { id: 1, error: 'no' }, 'error'],
    ['a result beside an error', { id: 1, result: {}, error: {} }, 'error'],
    ['a result beside the null of JSON-RPC 1', { id: 1, result: {}, error: null }, 'ok'],
    ['a question', { id: 1, result: { resultType: 'input_required' } }, 'input_required'],
    ['a finished one', { id: 1, result: { resultType: 'complete' } }, 'ok'],
    ['a task', { id: 1, result: { resultType: 'task', task: { taskId: 'x' } } }, 'ok'],
    ['a task of the older protocol', { id: 1, result: { task: { taskId: 'x' } } }, 'ok'],
    ['a method that is not set', { id: 1, method: null, result: {} }, 'ok'],
    ['an error, and a method that is not set', { id: 1, method: null, error: {} }, 'error'],
  ])('with %s is one', (_, message, outcome) => {
    expect(readMessage(message).reply?.outcome).toBe(outcome);
  });

  test.each([
    ['nothing', { id: 1 }],
    ['a method', { id: 1, method: 'roots/list', result: {} }],
    ['a method that is none', { id: 1, method: 7, result: {} }],
    ['no error and no result', { id: 1, error: null }],
    ['fields without a value', { id: 1, result: undefined, error: undefined }],
  ])('with %s is none', (_, message) => {
    expect(readMessage(message).reply).toBeUndefined();
  });
});

describe('an id', () => {
  it.each([0, -1, 7.5, 2 ** 60, '', '7', 'é', null])('can be %j', (id) => {
    expect(readMessage({ id }).id).toBe(id);
  });

  it('of any length is told from others, by no more than a few bytes', () => {
    const long = 'x'.repeat(100_000);
    const ids = [long, `${long}x`, `y${long}`, long.slice(1), `${long.slice(1)}y`];
    const read = ids.map((id) => readMessage({ id }).id);
    expect(new Set(read).size).toBe(ids.length);
    expect(read).toEqual(ids.map((id) => readMessage({ id }).id));
    expect(JSON.stringify(read).length).toBeLessThan(300);
  });

  it.each([undefined, true, {}, [1]])('cannot be %j', (id) => {
    expect(readMessage({ id })).toMatchObject({ id: undefined });
  });
});

describe('a task', () => {
  it('is asked for with params of its own', () => {
    expect(readMessage({ params: { task: { ttl: 1 } } }).asksForTask).toBe(true);
    expect(readMessage({ params: { task: {} } }).asksForTask).toBe(true);
    expect(readMessage({ params: { task: null } }).asksForTask).toBe(false);
    expect(readMessage({ params: {} }).asksForTask).toBe(false);
  });

  test.each<[what: string, result: object, reply: object]>([
    ['as it is made', { task: { taskId: 'x', status: 'working' } }, { taskId: 'x' }],
    ['in its state', { taskId: 'x', status: 'failed' }, { taskId: 'x', taskStatus: 'failed' }],
  ])('is read %s', (_, result, reply) => {
    expect(readMessage({ id: 1, result }).reply).toMatchObject({ outcome: 'ok', ...reply });
  });
});

describe('a client', () => {
  const named = { name: 'codex-mcp-client', version: '0.165.0' };

  it('is read where it names itself', () => {
    expect(readMessage({ params: { clientInfo: named } }).client).toEqual(named);
    const request = { params: { _meta: { [clientKey]: named } } };
    expect(readMessage(request).requestClient).toEqual(named);
  });

  it.each([
    undefined,
    null,
    'codex-mcp-client',
    ['codex-mcp-client'],
    {},
    { name: 7 },
    { name: '' },
    { name: null },
    { name: { name: 'codex' } },
    { version: '1.0' },
  ])('is none as %j', (clientInfo) => {
    const params = { clientInfo, _meta: { [clientKey]: clientInfo } };
    expect(readMessage({ params })).toMatchObject({ client: undefined, requestClient: undefined });
  });

  it('can be without a version', () => {
    expect(readMessage({ params: { clientInfo: { name: 'codex' } } }).client).toEqual({
      name: 'codex',
    });
    expect(readMessage({ params: { clientInfo: { name: 'codex', version: 7 } } }).client).toEqual({
      name: 'codex',
    });
  });
});

it.each([undefined, null, 7, 'tools/call', [], [{ id: 1 }], () => {}, Symbol('id')])(
  'reads nothing from %s',
  (message) => {
    expect(Object.values(readMessage(message)).filter((value) => value ?? false)).toEqual([]);
  },
);

it('keeps no long text', () => {
  const long = 'x'.repeat(1_000_000);
  const message = {
    id: long,
    method: long,
    params: {
      name: long,
      requestId: long,
      taskId: long,
      clientInfo: { name: long, version: long },
    },
    result: { taskId: long, status: long },
  };
  expect(JSON.stringify(readMessage(message)).length).toBeLessThan(500);
  expect(JSON.stringify(readMessage({ ...message, method: null })).length).toBeLessThan(500);
});

it('looks at nothing but what it needs', () => {
  const seen = new Set<string>();
  const watch = (object: object, path = ''): object =>
    new Proxy(object, {
      get(target, key) {
        seen.add(`${path}${String(key)}`);
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'object' && value !== null
          ? watch(value, `${path}${String(key)} `)
          : value;
      },
    });
  const params = { name: 'x', arguments: { query: 'secret' }, _meta: { [clientKey]: {} } };
  readMessage(watch({ id: 1, method: 'tools/call', params, result: { content: ['secret'] } }));
  readMessage(watch({ id: 1, result: { content: ['secret'], structuredContent: {} } }));
  expect([...seen].filter((path) => /arguments|ontent/.test(path))).toEqual([]);
});
