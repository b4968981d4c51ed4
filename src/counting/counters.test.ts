import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  clientNames,
  cliNames,
  type CounterKind,
  counterKinds,
  toolNames,
} from '../../contract/report/lists.ts';
import { encodeFrame, type FrameCounter, type FrameEvent } from '../../contract/frame.ts';
import { maxCount, maxDistinctCounters, maxEventsPerFrame } from '../../contract/limits.ts';
import { type Client, Counters } from './counters.ts';

const day = 20_780;

type Call = readonly [kind: CounterKind, name: string, isError?: boolean, client?: Client];

function counted(...calls: readonly Call[]): readonly FrameCounter[] {
  const counters = new Counters(day);
  for (const [kind, name, isError = false, client] of calls) {
    counters.add(kind, name, isError, client);
  }
  return counters.toFrame().counters;
}

const cli = (name: string): Call => ['cli_command', name];
const tool = (client: unknown, name = 'codegraph_node'): Call => [
  'mcp_tool',
  name,
  false,
  client as Client,
];

describe('what is no counter', () => {
  test.each(['', 'cli', 'constructor', '__proto__', 'toString', undefined, null, 7])(
    'is not counted: a kind that is %s',
    (kind) => {
      const calls = Array.from({ length: 3 }, (): Call => [kind as CounterKind, 'query']);
      expect(counted(...calls)).toEqual([]);
    },
  );

  test.each(['', 'alice', '__proto__', 'constructor', 'hasOwnProperty', undefined, null, 7, {}])(
    'is `other`: a name that is %s',
    (name) => {
      const calls = Array<Call>(3).fill(cli(name as string));
      expect(counted(...calls)).toEqual([[0, 'other', 3, 0]]);
    },
  );

  test.each<[what: string, client: unknown]>([
    ['null', null],
    ['a text', 'cursor'],
    ['a number', 7],
    ['empty', {}],
    ['without a name', { version: '1.0' }],
    ['with a name that is a number', { name: 7, version: '1.0' }],
    ['with a name that is null', { name: null }],
  ])('is no client, and throws not: one that is %s', (_, client) => {
    expect(counted(tool(client), tool(client), tool(client))).toEqual([
      [1, 'codegraph_node', 3, 0],
    ]);
  });

  test.each<[what: string, client: unknown, expected: readonly string[]]>([
    ['a stranger', { name: 'alice', version: '1.0' }, ['other', '1.0']],
    ['a prototype', { name: '__proto__' }, ['other']],
    ['an empty name', { name: '' }, ['other']],
    ['a version that is a number', { name: 'zed', version: 1 }, ['zed']],
    ['a version that is a text', { name: 'zed', version: 'alice' }, ['zed']],
    ['a version that is empty', { name: 'zed', version: '' }, ['zed']],
  ])('is folded: %s', (_, client, expected) => {
    expect(counted(tool(client), tool(client))).toEqual([[1, 'codegraph_node', 2, 0, ...expected]]);
  });
});

describe('one counter has', () => {
  test.each<[what: string, calls: readonly Call[], expected: FrameCounter]>([
    ['a name', [cli('query'), cli('query')], [0, 'query', 2, 0]],
    ['an alias and its name', [cli('daemons'), cli('daemon')], [0, 'daemon', 2, 0]],
    ['names that nobody knows', [cli('alice'), cli('bob'), cli('other')], [0, 'other', 3, 0]],
    [
      'calls and errors',
      [cli('query'), ['cli_command', 'query', true], ['cli_command', 'query', true]],
      [0, 'query', 3, 2],
    ],
    [
      'a client by all its spellings',
      [
        tool({ name: 'Claude Code' }),
        tool({ name: 'claude-code' }),
        tool({ name: ' CLAUDE-CODE' }),
      ],
      [1, 'codegraph_node', 3, 0, 'claude-code'],
    ],
    [
      'a client’s patches',
      [tool({ name: 'zed', version: '2.1.0' }), tool({ name: 'zed', version: 'v2.1.9' })],
      [1, 'codegraph_node', 2, 0, 'zed', '2.1'],
    ],
  ])('%s', (_, calls, expected) => {
    expect(counted(...calls)).toEqual([expected]);
  });
});

it('tells kinds, clients and versions apart', () => {
  const zed = { name: 'zed', version: '1.0' };
  expect(
    counted(
      cli('other'),
      tool(undefined, 'other'),
      tool({ name: 'zed' }, 'other'),
      tool(zed, 'other'),
    ),
  ).toEqual([
    [0, 'other', 1, 0],
    [1, 'other', 1, 0],
    [1, 'other', 1, 0, 'zed'],
    [1, 'other', 1, 0, 'zed', '1.0'],
  ]);
});

describe('past a bound', () => {
  const versions = Array.from({ length: maxDistinctCounters + 100 }, (_, number) =>
    tool({ name: 'zed', version: `1.${number}` }),
  );

  it('new identities are `other`, and what was known goes on', () => {
    const counters = counted(...versions, ...versions.slice(0, 5), ...versions.slice(-5));
    expect(counters.length).toBeLessThanOrEqual(maxDistinctCounters + 2);
    expect(counters.slice(0, 5).every(([, , calls]) => calls === 2)).toBe(true);
    expect(counters.at(-1)).toEqual([1, 'other', 105, 0]);
  });

  it('the frame still fits', () => {
    const counters = new Counters(day);
    for (const [kind, name, isError = false, client] of versions) {
      counters.add(kind, name, isError, client);
    }
    expect(() => encodeFrame(counters.toFrame())).not.toThrow();
  });

  it('spellings are still counted', () => {
    const calls = Array.from({ length: 5_000 }, (_, number) => cli(`alice-${number}`));
    expect(counted(...calls, ...calls)).toEqual([[0, 'other', 10_000, 0]]);
  });

  it('events are counted as dropped', () => {
    const counters = new Counters(day);
    const event: FrameEvent = ['uninstall', { targets: [] }];
    for (let added = 0; added < maxEventsPerFrame + 3; added++) counters.addEvent(event);
    const { events, dropped } = counters.toFrame();
    expect(events).toHaveLength(maxEventsPerFrame);
    expect(dropped).toBe(3);
  });

  it('a count stays', () => {
    const counters = new Counters(day);
    for (let call = 0; call < maxCount + 5; call++)
      counters.add('cli_command', 'query', false, undefined);
    expect(counters.toFrame().counters).toEqual([[0, 'query', maxCount, 0]]);
  });
});

it('is empty until something is counted', () => {
  const counters = new Counters(day);
  expect(counters.isEmpty).toBe(true);
  counters.add('alice' as CounterKind, 'query', false, undefined);
  expect(counters.isEmpty).toBe(true);
  counters.add('cli_command', 'alice', false, undefined);
  expect(counters.isEmpty).toBe(false);
});

it('loses no call and lets no word through, whatever hosts hand on', () => {
  const word = fc.oneof(fc.constantFrom('query', 'codegraph_node', 'Zed', '1.2.3'), fc.anything());
  const client = fc.oneof(fc.anything(), fc.record({ name: word, version: word }));
  const call = fc.tuple(fc.constantFrom(...counterKinds), word, fc.boolean(), client);
  fc.assert(
    fc.property(fc.array(call), (calls) => {
      const frame = counted(...(calls as unknown as readonly Call[]));
      expect(frame.reduce((sum, [, , times]) => sum + times, 0)).toBe(calls.length);
      expect(frame.reduce((sum, [, , , errors]) => sum + errors, 0)).toBe(
        calls.filter(([, , isError]) => isError).length,
      );
      for (const [kind, name, , , clientName, version] of frame) {
        expect(kind === 0 ? cliNames : toolNames).toContain(name);
        expect([undefined, ...clientNames]).toContain(clientName);
        expect(version ?? '0.0').toMatch(/^\d{1,4}\.\d{1,4}$/);
      }
    }),
  );
});
