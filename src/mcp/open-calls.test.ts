import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { maxOpenCalls } from '../../contract/limits.ts';
import { callCounter, counted } from '../../spec/support/mcp/call-counter.ts';
import type { CallId } from './call-id.ts';
import { type CallOutcome, OpenCalls, type Reply } from './open-calls.ts';

function openCalls(): {
  readonly calls: OpenCalls;
  readonly counter: ReturnType<typeof callCounter>;
  /** A reply that is on the wire at once. */
  readonly reply: (id: CallId, outcome?: CallOutcome, more?: Partial<Reply>) => void;
} {
  const counter = callCounter();
  const calls = new OpenCalls(counter);
  return {
    calls,
    counter,
    reply(id, outcome = 'ok', more = {}) {
      const request = calls.take(id);
      if (request !== undefined) calls.finish(request, { outcome, ...more });
    },
  };
}

const explore = 'codegraph_explore';
const node = 'codegraph_node';
const codex = { name: 'codex-mcp-client', version: '0.165.0' };

/** Bytes that are in use once what is not is gone. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

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
    if (lost !== undefined) calls.putBack(1, lost);
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

describe('a call that is answered by a task', () => {
  const asTask = { taskId: 'task' };

  /** As a client that has asked for a task, and has been given one. */
  function openTask(): ReturnType<typeof openCalls> {
    const opened = openCalls();
    opened.calls.open(1, explore, codex, true);
    opened.reply(1, 'ok', asTask);
    expect(opened.counter.calls).toEqual([]);
    expect(opened.calls.isIdle).toBe(true);
    return opened;
  }

  const ends = { client: 'codex 0.165' };

  test.each<[CallOutcome, boolean[]]>([
    ['ok', [true]],
    ['error', [false]],
  ])('counts when its result is there: %s', (outcome, oks) => {
    const { calls, counter, reply } = openTask();
    calls.askForTask(2, 'tasks/result', 'task');
    reply(2, outcome);
    calls.askForTask(3, 'tasks/result', 'task');
    reply(3, 'error');
    expect(counter.calls).toEqual(oks.map((ok) => counted(explore, { ...ends, ok })));
  });

  test.each<[what: string, state: Partial<Reply>, oks: boolean[]]>([
    ['is at work', { taskStatus: 'working' }, []],
    ['is done, with a result to come', { taskStatus: 'completed' }, []],
    ['has failed', { taskStatus: 'failed' }, [false]],
    ['was cancelled', { taskStatus: 'cancelled' }, []],
  ])('that %s, by its state', (_, state, oks) => {
    const { calls, counter, reply } = openTask();
    for (const id of [2, 3]) {
      calls.askForTask(id, 'tasks/get', 'task');
      reply(id, 'ok', { ...asTask, ...state });
    }
    expect(counter.calls.map(({ ok }) => ok)).toEqual(oks);
  });

  it('does not count when it was cancelled, whichever reply comes first', () => {
    for (const order of [
      [2, 3],
      [3, 2],
    ]) {
      const { calls, counter, reply } = openTask();
      calls.askForTask(2, 'tasks/result', 'task');
      calls.askForTask(3, 'tasks/cancel', 'task');
      for (const id of order)
        if (id === 2) reply(2, 'error');
        else reply(3, 'ok', { ...asTask, taskStatus: 'cancelled' });
      expect(counter.calls).toEqual([]);
    }
  });

  it('counts as it ends when it could not be cancelled', () => {
    const { calls, counter, reply } = openTask();
    calls.askForTask(2, 'tasks/cancel', 'task');
    reply(2, 'error');
    calls.askForTask(3, 'tasks/result', 'task');
    reply(3, 'error');
    expect(counter.calls).toEqual([counted(explore, { ...ends, ok: false })]);
  });

  it('counts when it was done before it could be cancelled', () => {
    const { calls, counter, reply } = openTask();
    calls.askForTask(2, 'tasks/result', 'task');
    calls.askForTask(3, 'tasks/cancel', 'task');
    reply(2);
    reply(3, 'error');
    expect(counter.calls).toEqual([counted(explore, ends)]);
  });

  it('counts on another connection of the same telemetry', () => {
    const { calls, counter } = openTask();
    calls.close();
    const later = new OpenCalls(counter);
    later.askForTask(1, 'tasks/result', 'task');
    const request = later.take(1);
    if (request !== undefined) later.finish(request, { outcome: 'ok' });
    expect(counter.calls).toEqual([counted(explore, ends)]);
  });

  it('counts at once when it is refused, or answered by a result', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined, true);
    calls.open(2, explore, undefined, true);
    reply(1, 'error');
    reply(2);
    expect(counter.calls.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('counts at once when it did not ask for one: the result only looks like it', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(1, explore, undefined);
    reply(1, 'ok', asTask);
    expect(counter.calls).toEqual([counted(explore)]);
  });

  it('has a bound: the oldest go first, and are told', () => {
    const { calls, counter, reply } = openCalls();
    for (let id = 0; id < maxOpenCalls + 10; id++) {
      calls.open(id, explore, undefined, true);
      reply(id, 'ok', { taskId: id });
    }
    expect(counter.drops()).toBe(10);
    for (let id = 0; id < maxOpenCalls + 10; id++) {
      calls.askForTask(id, 'tasks/result', id);
      reply(id);
    }
    expect(counter.calls).toHaveLength(maxOpenCalls);
  });
});

describe('a number that JavaScript cannot hold', () => {
  const [even, odd] = [2n ** 53n, 2n ** 53n + 1n];

  it('finds its own call', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(odd, explore, undefined);
    calls.open(even, node, undefined);
    reply(even);
    reply(odd);
    expect(counter.calls).toEqual([counted(node), counted(explore)]);
  });

  it('is answered as JavaScript rounds it', () => {
    const { calls, counter, reply } = openCalls();
    calls.open(odd, explore, undefined);
    reply(odd + 1n);
    expect(counter.calls).toEqual([]);
    reply(even);
    expect(counter.calls).toEqual([counted(explore)]);
    calls.open(10n ** 30n + 1n, node, undefined);
    calls.cancel(1e30);
    reply(1e30);
    expect(counter.calls.at(-1)).toEqual(counted(node));
    expect(calls.isIdle).toBe(true);
  });
});

describe('a client', () => {
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
    expect(counter.drops()).toBe(10);
    expect(calls.isIdle).toBe(true);
  });

  it('that was cancelled or only introduced somebody is no loss', () => {
    const { calls, counter } = openCalls();
    for (let id = 0; id < maxOpenCalls; id++) calls.initialize(id, undefined);
    calls.open('call', explore, undefined);
    calls.cancel('call');
    for (let id = 0; id < maxOpenCalls; id++) calls.initialize(id, undefined);
    expect(counter.drops()).toBe(0);
  });

  it('is little more than an id', () => {
    const { calls } = openCalls();
    const before = heapUsed();
    for (let id = 0; id < maxOpenCalls; id++) calls.open(id, explore, codex);
    const each = (heapUsed() - before) / maxOpenCalls;
    expect(each).toBeLessThan(100);
    expect(calls.isIdle).toBe(false);
  });

  it('has the same bound for equal ids, for introductions and for lost replies', () => {
    const { calls, counter, reply } = openCalls();
    for (let at = 0; at < maxOpenCalls + 10; at++) calls.open(1, explore, undefined);
    const lost = calls.take(1);
    calls.open(1, node, undefined);
    if (lost !== undefined) calls.putBack(1, lost);
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
