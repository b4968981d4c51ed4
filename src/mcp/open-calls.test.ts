import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { maxOpenCalls } from '../../contract/limits.ts';
import { callCounter, counted } from '../../spec/support/mcp/call-counter.ts';
import { type CallId, type CallOutcome, OpenCalls } from './open-calls.ts';

function openCalls(): {
  readonly calls: OpenCalls;
  readonly counter: ReturnType<typeof callCounter>;
  /** A reply that is on the wire at once. */
  readonly reply: (id: CallId, outcome?: CallOutcome) => void;
} {
  const counter = callCounter();
  const calls = new OpenCalls(counter);
  return {
    calls,
    counter,
    reply(id, outcome = 'ok') {
      const request = calls.take(id);
      if (request !== undefined) calls.finish(request, outcome);
    },
  };
}

const explore = 'codegraph_explore';
const node = 'codegraph_node';

describe('a reply', () => {
  it('counts the call it answers, and nothing twice', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    expect(counter.calls).toEqual([]);
    reply(1);
    reply(1);
    reply(2);
    expect(counter.calls).toEqual([counted(explore)]);
    expect(calls.isIdle).toBe(true);
  });

  test.each<[CallOutcome, boolean[]]>([
    ['ok', [true]],
    ['error', [false]],
    ['input_required', []],
  ])('that is %s counts as %j', (outcome, oks) => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    reply(1, outcome);
    expect(counter.calls.map(({ ok }) => ok)).toEqual(oks);
    expect(calls.isIdle).toBe(true);
  });

  it('that asks for input counts with the retry, under its new id', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    reply(1, 'input_required');
    calls.open(2, explore, undefined);
    reply(2);
    expect(counter.calls).toEqual([counted(explore)]);
  });

  it('goes to its own call, whatever the order', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    calls.open(2, node, undefined);
    calls.open(3, 'codegraph_files', undefined);
    reply(3, 'error');
    reply(1);
    reply(2);
    expect(counter.calls).toEqual([
      counted('codegraph_files', { ok: false }),
      counted(explore),
      counted(node),
    ]);
  });

  it('tells a number from its numeral, and both from null and the empty string', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(2, explore, undefined);
    calls.open('2', node, undefined);
    calls.open(null, 'codegraph_search', undefined);
    calls.open('', 'codegraph_files', undefined);
    calls.open(0, 'codegraph_status', undefined);
    for (const id of ['2', 2, '', 0, null]) reply(id);
    expect(counter.calls.map(({ tool }) => tool)).toEqual([
      node,
      explore,
      'codegraph_files',
      'codegraph_status',
      'codegraph_search',
    ]);
  });

  it('under an id that several calls have goes to the first one', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    calls.open(1, node, undefined);
    reply(1);
    expect(counter.calls).toEqual([counted(explore)]);
    reply(1, 'error');
    reply(1);
    expect(counter.calls).toEqual([counted(explore), counted(node, { ok: false })]);
  });

  it('that was lost leaves the call open, first in its line', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    calls.open(1, node, undefined);
    const lost = calls.take(1);
    if (lost !== undefined) calls.putBack(lost);
    reply(1, 'error');
    reply(1);
    expect(counter.calls).toEqual([counted(explore, { ok: false }), counted(node)]);
  });
});

describe('a cancelled call', () => {
  it('counts when it is answered all the same', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    calls.cancel(1);
    expect(counter.calls).toEqual([]);
    reply(1, 'error');
    expect(counter.calls).toEqual([counted(explore, { ok: false })]);
  });

  it('gives its id to the next one that has it', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    calls.cancel(1);
    calls.open(1, node, undefined);
    reply(1);
    reply(1);
    expect(counter.calls).toEqual([counted(node)]);
    expect(calls.isIdle).toBe(true);
  });

  it('is the first one of its id that was not cancelled yet', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    calls.open(1, node, undefined);
    calls.cancel(1);
    calls.open(1, 'codegraph_files', undefined);
    reply(1);
    reply(1);
    reply(1);
    expect(counter.calls).toEqual([counted(node), counted('codegraph_files')]);
  });

  it('may be nobody’s', () => {
    const { calls } = openCalls();
    calls.cancel(7);
    calls.initialize(8, undefined);
    calls.cancel(8);
    expect(calls.isIdle).toBe(false);
  });
});

describe('a client', () => {
  const codex = { name: 'codex-mcp-client', version: '0.165.0' };
  const cursor = { name: 'cursor-vscode', version: '1.0.0' };

  function callOf(setUp: (test: ReturnType<typeof openCalls>) => void): string | null | undefined {
    const fresh = openCalls();
    setUp(fresh);
    fresh.calls.open('call', explore, undefined);
    fresh.reply('call');
    return fresh.counter.calls.at(-1)?.client;
  }

  test.each<[string, (test: ReturnType<typeof openCalls>) => void, string | null]>([
    ['never introduced', () => {}, null],
    [
      'not agreed to yet',
      ({ calls }) => {
        calls.initialize(0, codex);
      },
      null,
    ],
    [
      'agreed to',
      ({ calls, reply }) => {
        calls.initialize(0, codex);
        reply(0);
      },
      'codex 0.165',
    ],
    [
      'refused',
      ({ calls, reply }) => {
        calls.initialize(0, codex);
        reply(0, 'error');
      },
      null,
    ],
    [
      'agreed to after another',
      ({ calls, reply }) => {
        calls.initialize(0, codex);
        reply(0);
        calls.initialize(1, cursor);
        reply(1);
      },
      'cursor 1.0',
    ],
    [
      'agreed to, and another one refused',
      ({ calls, reply }) => {
        calls.initialize(0, codex);
        reply(0);
        calls.initialize(1, cursor);
        reply(1, 'error');
      },
      'codex 0.165',
    ],
    [
      'agreed to, and another one without a name too',
      ({ calls, reply }) => {
        calls.initialize(0, codex);
        reply(0);
        calls.initialize(1, undefined);
        reply(1);
      },
      null,
    ],
    [
      'gone with the connection',
      ({ calls, reply }) => {
        calls.initialize(0, codex);
        reply(0);
        calls.close();
      },
      null,
    ],
  ])('that was %s', (_, setUp, client) => {
    expect(callOf(setUp)).toBe(client);
  });

  it('that names itself in the request is its client, for this request', () => {
    const { calls, counter, reply } = openCalls();
    calls.initialize(0, codex);
    reply(0);
    calls.open(1, explore, cursor);
    calls.open(2, explore, undefined);
    reply(2);
    reply(1);
    expect(counter.calls.map(({ client }) => client)).toEqual(['codex 0.165', 'cursor 1.0']);
  });

  it('that sends its first call along with `initialize` is known by the time of the reply', () => {
    const { calls, counter, reply } = openCalls();
    calls.initialize(0, codex);
    calls.open(1, explore, undefined);
    reply(0);
    reply(1);
    expect(counter.calls).toEqual([counted(explore, { client: 'codex 0.165' })]);
  });

  it('that comes later has not made the calls before it', () => {
    const { calls, counter, reply } = openCalls();
    calls.initialize(0, codex);
    reply(0);
    calls.open(1, explore, undefined);
    calls.initialize(2, cursor);
    reply(2);
    reply(1);
    expect(counter.calls).toEqual([counted(explore, { client: 'codex 0.165' })]);
  });

  it('that uses the id of its `initialize` for a call as well gets the replies in order', () => {
    const { calls, counter, reply } = openCalls();
    calls.initialize(1, codex);
    calls.open(1, explore, undefined);
    reply(1);
    expect(counter.calls).toEqual([]);
    reply(1);
    expect(counter.calls).toEqual([counted(explore, { client: 'codex 0.165' })]);
  });
});

describe('what is kept', () => {
  it.each(['private_tool', '__proto__', 'constructor', '', 'x'.repeat(1_000_000), undefined])(
    'is `other` for a tool outside the list',
    (tool) => {
      const { calls, counter, reply } = openCalls();
      calls.open(1, tool, undefined);
      reply(1);
      expect(counter.calls).toEqual([counted('other')]);
    },
  );

  it('are words of the closed lists for a client', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, { name: 'alices-agent', version: '1.2.3-alice' });
    calls.open(2, explore, { name: 'x'.repeat(1_000_000), version: 'of alice' });
    reply(1);
    reply(2);
    expect(counter.calls.map(({ client }) => client)).toEqual(['other 1.2', 'other']);
  });

  it('has a bound: the oldest calls go first', () => {
    const { calls, counter, reply } = openCalls();
    for (let id = 0; id < maxOpenCalls + 10; id++) calls.open(id, explore, undefined);
    for (let id = 0; id < maxOpenCalls + 10; id++) reply(id);
    expect(counter.calls).toHaveLength(maxOpenCalls);
    expect(calls.isIdle).toBe(true);
  });

  it('has the same bound for equal ids, for introductions and for lost replies', () => {
    const { calls, counter, reply } = openCalls();
    for (let at = 0; at < maxOpenCalls + 10; at++) calls.open(1, explore, undefined);
    const lost = calls.take(1);
    calls.open(1, node, undefined);
    if (lost !== undefined) calls.putBack(lost);
    for (let at = 0; at < 2 * maxOpenCalls; at++) reply(1);
    expect(counter.calls).toHaveLength(maxOpenCalls);

    for (let id = 0; id < maxOpenCalls + 10; id++) calls.initialize(id, { name: `codex` });
    calls.open('call', explore, undefined);
    for (let id = 0; id < maxOpenCalls + 10; id++) reply(id);
    reply('call');
    expect(counter.calls.at(-1)).toEqual(counted(explore, { client: 'codex' }));
    expect(calls.isIdle).toBe(true);
  });

  it('is nothing once the connection is closed', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    calls.initialize(2, { name: 'codex' });
    calls.close();
    expect(calls.isIdle).toBe(true);
    reply(1);
    reply(2);
    expect(counter.calls).toEqual([]);
  });

  it('goes with the calls of a working day', () => {
    const { calls, counter, reply } = openCalls();
    for (let id = 0; id < 200_000; id++) {
      calls.open(id, explore, undefined);
      // One in a hundred is given up, and never answered.
      if (id % 100 === 0) calls.cancel(id);
      else reply(id);
    }
    expect(counter.calls).toHaveLength(198_000);
    for (let id = 0; id < 200_000; id++) calls.take(id);
    expect(calls.isIdle).toBe(true);
  });
});

it('counts what a plain list of open calls counts', () => {
  const ids = fc.constantFrom<CallId>(0, 1, '1', null, 'a');
  const steps = fc.oneof(
    fc.record({
      step: fc.constant('open' as const),
      id: ids,
      tool: fc.constantFrom(explore, node),
    }),
    fc.record({ step: fc.constant('cancel' as const), id: ids }),
    fc.record({
      step: fc.constant('reply' as const),
      id: ids,
      outcome: fc.constantFrom<CallOutcome>('ok', 'error', 'input_required'),
    }),
  );
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60 }), (script) => {
      const { calls, counter, reply } = openCalls();
      let open: { id: CallId; tool: string; isCancelled: boolean }[] = [];
      const expected = [];
      for (const step of script) {
        switch (step.step) {
          case 'open':
            calls.open(step.id, step.tool, undefined);
            open = open.filter(({ id, isCancelled }) => id !== step.id || !isCancelled);
            open.push({ id: step.id, tool: step.tool, isCancelled: false });
            break;
          case 'cancel': {
            calls.cancel(step.id);
            const call = open.find(({ id, isCancelled }) => id === step.id && !isCancelled);
            if (call !== undefined) call.isCancelled = true;
            break;
          }
          case 'reply': {
            reply(step.id, step.outcome);
            const call = open.find(({ id }) => id === step.id);
            open = open.filter((other) => other !== call);
            if (call === undefined || step.outcome === 'input_required') break;
            expected.push(counted(call.tool, { ok: step.outcome === 'ok' }));
          }
        }
      }
      expect(counter.calls).toEqual(expected);
      expect(calls.isIdle).toBe(open.length === 0);
    }),
  );
});
