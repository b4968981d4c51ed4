// A transport of the SDKs has no other way to listen.
// oxlint-disable unicorn/prefer-add-event-listener
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { callCounter, counted } from '../../spec/support/mcp/call-counter.ts';
import { temporaryFolder } from '../../spec/support/home.ts';
import { countToolCalls } from './transport.ts';

type Message = Readonly<Record<string, unknown>>;

/** A transport whose `send` ends as the test wants it to. */
class FakeTransport {
  /** That privates survive says that nothing is in between. */
  readonly #sent: unknown[][] = [];
  onmessage?: ((message: Message, extra?: unknown) => unknown) | undefined;
  onclose?: (() => void) | undefined;
  result: unknown = Promise.resolve();

  send(...args: unknown[]): Promise<void> {
    this.#sent.push(args);
    if (this.result instanceof Error) throw this.result;
    return this.result as Promise<void>;
  }

  get sent(): readonly unknown[][] {
    return this.#sent;
  }
}

const explore = 'codegraph_explore';
const call = (id: unknown): Message => ({ id, method: 'tools/call', params: { name: explore } });
const ok = (id: unknown): Message => ({ id, result: {} });

/** A decorated transport that a server listens to. */
function served(): { transport: FakeTransport; counter: ReturnType<typeof callCounter> } {
  const counter = callCounter();
  const transport = countToolCalls(new FakeTransport(), counter);
  transport.onmessage = () => {};
  return { transport, counter };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('a transport', () => {
  it('stays itself, with all that it had and nothing more', () => {
    const [, bare] = InMemoryTransport.createLinkedPair();
    const [, transport] = InMemoryTransport.createLinkedPair();
    expect(countToolCalls(transport, callCounter())).toBe(transport);
    expect(transport).toBeInstanceOf(InMemoryTransport);
    expect(Object.getPrototypeOf(transport)).toBe(Object.getPrototypeOf(bare));
    for (const key of ['sessionId', 'setProtocolVersion', 'setSupportedProtocolVersions']) {
      expect(key in transport).toBe(key in bare);
    }
    const listeners = new Set(['onmessage', 'onclose']);
    expect(Object.keys(transport).filter((key) => !listeners.has(key))).toEqual(
      Object.keys(bare).filter((key) => !listeners.has(key)),
    );
  });

  it('gets `this`, every argument and what it gives back is given back', async () => {
    const { transport } = served();
    const sent = Promise.resolve();
    transport.result = sent;
    const options = { relatedRequestId: 1 };
    await transport.onmessage?.(call(1));
    expect(transport.send(ok(1), options, 3)).toBe(sent);
    expect(transport.sent).toEqual([[ok(1), options, 3]]);

    const send = Reflect.get(transport, 'send') as (message: Message) => unknown;
    expect(() => send(ok(1))).toThrow(TypeError);
  });

  it('counts once when it is decorated twice', async () => {
    const { transport, counter } = served();
    const again = callCounter();
    countToolCalls(transport, counter);
    countToolCalls(transport, again);
    transport.onmessage?.(call(1));
    await transport.send(ok(1));
    expect(counter.calls).toEqual([counted(explore)]);
    expect(again.calls).toEqual([]);
  });

  it('counts once when two copies of the package meet', async () => {
    const { transport, counter } = served();
    const address: string = './transport.ts?copy';
    const copy = (await import(address)) as { countToolCalls: typeof countToolCalls };
    expect(copy.countToolCalls).not.toBe(countToolCalls);
    copy.countToolCalls(transport, counter);
    transport.onmessage?.(call(1));
    await transport.send(ok(1));
    expect(counter.calls).toEqual([counted(explore)]);
  });

  it('counts two calls that are one object', async () => {
    const { transport, counter } = served();
    const message = Object.freeze(call(1));
    transport.onmessage?.(message);
    transport.onmessage?.(message);
    await transport.send(ok(1));
    await transport.send(ok(1));
    await transport.send(ok(1));
    expect(counter.calls).toEqual([counted(explore), counted(explore)]);
  });

  it('keeps its calls apart from those of another', async () => {
    const counter = callCounter();
    const [first, second] = [new FakeTransport(), new FakeTransport()].map((transport) => {
      transport.onmessage = () => {};
      return countToolCalls(transport, counter);
    });
    first?.onmessage?.(call(1));
    await second?.send(ok(1));
    expect(counter.calls).toEqual([]);
    await first?.send(ok(1));
    expect(counter.calls).toEqual([counted(explore)]);
  });

  test.each<[string, (transport: FakeTransport) => unknown]>([
    ['frozen', Object.freeze],
    ['sealed', Object.seal],
    ['that takes no more properties', Object.preventExtensions],
    [
      'with a fixed `send`',
      (transport) => Object.defineProperty(transport, 'send', { value: () => Promise.resolve() }),
    ],
    [
      'with a fixed `onmessage`',
      (transport) =>
        Object.defineProperty(transport, 'onmessage', { writable: false, configurable: false }),
    ],
    [
      'behind a proxy that refuses',
      (transport) =>
        new Proxy(transport, {
          defineProperty() {
            throw new Error('of the proxy');
          },
          get: (target, key) => Reflect.get(target, key) as unknown,
        }),
    ],
  ])('%s is left alone', async (_, change) => {
    const counter = callCounter();
    const transport = new FakeTransport();
    transport.onmessage = () => {};
    const changed = change(transport) as FakeTransport;
    const before = Reflect.ownKeys(changed);
    expect(countToolCalls(changed, counter)).toBe(changed);
    expect(Reflect.ownKeys(changed)).toEqual(before);
    changed.onmessage?.(call(1));
    await changed.send.call(transport, ok(1));
    expect(counter.calls).toEqual([]);
  });

  test.each([undefined, null, 7, 'stdio', {}, { send: true }])(
    'is not %s, which says so at once',
    (transport) => {
      const misuse = (): unknown => countToolCalls(transport as never, callCounter());
      expect(misuse).toThrow(TypeError);
      expect(misuse).toThrow(/expected transport to have a send method/);
    },
  );

  it('needs a telemetry', () => {
    expect(() => countToolCalls(new FakeTransport(), undefined as never)).toThrow(TypeError);
  });
});

describe('a reply', () => {
  it('counts when its `send` has resolved, not before', async () => {
    const { transport, counter } = served();
    let resolve = (): void => {};
    transport.result = new Promise<void>((done) => {
      resolve = done;
    });
    transport.onmessage?.(call(1));
    const sent = transport.send(ok(1));
    await turn();
    expect(counter.calls).toEqual([]);
    resolve();
    await sent;
    expect(counter.calls).toEqual([counted(explore)]);
  });

  it('counts when its `send` gives no promise, or one of another kind', async () => {
    const { transport, counter } = served();
    // oxlint-disable-next-line unicorn/no-thenable -- Of a library of promises, say.
    const thenable = Object.defineProperty({}, 'then', { value: (done: () => void) => done() });
    for (const result of [undefined, thenable]) {
      transport.result = result;
      transport.onmessage?.(call(1));
      void transport.send(ok(1));
      await turn();
    }
    expect(counter.calls).toEqual([counted(explore), counted(explore)]);
  });

  it('that could not be sent does not count; another one does', async () => {
    const { transport, counter } = served();
    const lost = new Error('of the transport');
    transport.onmessage?.(call(1));

    transport.result = Promise.reject(lost);
    await expect(transport.send(ok(1))).rejects.toBe(lost);
    transport.result = lost;
    expect(() => transport.send(ok(1))).toThrow(lost);
    expect(counter.calls).toEqual([]);

    transport.result = Promise.resolve();
    await transport.send({ id: 1, error: { code: -32_603 } });
    await transport.send(ok(1));
    expect(counter.calls).toEqual([counted(explore, { ok: false })]);
  });

  it('with which its transport closes itself counts', async () => {
    const { transport, counter } = served();
    transport.onclose = () => {};
    transport.onmessage?.(call(1));
    const sent = transport.send(ok(1));
    transport.onclose();
    await sent;
    expect(counter.calls).toEqual([counted(explore)]);
  });

  it('after the end does not count', async () => {
    const { transport, counter } = served();
    let closed = 0;
    transport.onclose = () => {
      closed += 1;
    };
    transport.onmessage?.(call(1));
    transport.onclose();
    await transport.send(ok(1));
    expect(closed).toBe(1);
    expect(counter.calls).toEqual([]);
  });

  it('of each kind counts as what it is', async () => {
    const { transport, counter } = served();
    const replies = [
      { result: { content: [] } },
      { result: { isError: true } },
      { error: { code: -32_602, message: 'no such tool' } },
      { result: { resultType: 'input_required', inputRequests: {} } },
      { result: { resultType: 'task', taskId: 'x' } },
      { result: { task: { taskId: 'of the tool itself' } } },
      { result: {}, method: null },
    ];
    for (const [id, reply] of replies.entries()) {
      transport.onmessage?.(call(id));
      await transport.send({ id, ...reply });
    }
    expect(counter.calls.map(({ ok: isOk }) => isOk)).toEqual([
      true,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('in a batch counts, and so does a call', async () => {
    const { transport, counter } = served();
    transport.onmessage?.([call(1), call(2), call(3)] as never);
    await transport.send([ok(3), { id: 1, method: 'roots/list' }]);
    await transport.send([ok(1), ok(1), ok(2)]);
    expect(counter.calls).toHaveLength(3);
  });
});

describe('what goes wrong with us', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const awkward: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a text', 'tools/call'],
    ['an object without a prototype', Object.create(null)],
    ['an object that breaks when it is looked at', revoked.proxy],
    [
      'a field that breaks when it is looked at',
      {
        get id(): never {
          throw new Error('of the message');
        },
      },
    ],
    ['a call without params', { id: 1, method: 'tools/call' }],
    ['an id of another kind', { id: {}, method: 'tools/call', params: null }],
    ['a batch of them', [null, [call(1)], revoked.proxy]],
  ];

  test.each(awkward)('%s is handed on, either way', async (_, message) => {
    const { transport, counter } = served();
    const heard: unknown[] = [];
    transport.onmessage = (incoming) => heard.push(incoming);
    transport.onmessage(call('open'));
    transport.onmessage(message as Message);
    await transport.send(message);
    expect(heard.at(-1)).toBe(message);
    expect(transport.sent.at(-1)?.[0]).toBe(message);
    await transport.send(ok('open'));
    expect(counter.calls).toEqual([counted(explore)]);
  });

  it('reaches neither `send` nor a listener, nor anybody else', async () => {
    const transport = countToolCalls(new FakeTransport(), {
      count: () => {
        throw new Error('a defect');
      },
    });
    const rejected: unknown[] = [];
    const note = (reason: unknown): void => void rejected.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => {
      process.off('unhandledRejection', note);
    });
    transport.onmessage = () => 'heard';
    expect(transport.onmessage(call(1))).toBe('heard');
    await expect(transport.send(ok(1))).resolves.toBeUndefined();
    await turn();
    expect(rejected).toEqual([]);
  });
});

describe('a rejection', () => {
  /** How a process ends whose transport rejects what `body` sends. */
  function end(body: string, isCounted: boolean): { status: number | null; stderr: string } {
    const module = JSON.stringify(join(import.meta.dirname, 'transport.ts'));
    const program = `
      import { countToolCalls } from ${module};
      const transport = {
        onmessage: () => {},
        send: () => Promise.reject(new Error('lost')),
      };
      if (${isCounted}) countToolCalls(transport, { count: () => {} });
      const call = { id: 1, method: 'tools/call', params: { name: 'codegraph_node' } };
      transport.onmessage(call);
      ${body}
    `;
    const args = ['--input-type=module', '--eval', program];
    const { status, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      cwd: temporaryFolder(),
    });
    return { status, stderr: /Error: lost/.exec(stderr)?.[0] ?? stderr };
  }

  test.each([
    ['of a reply that is waited for', `transport.send({ id: 1, result: {} }).catch(() => {});`],
    [
      'of a reply that is waited for late',
      `
      const sent = transport.send({ id: 1, result: {} });
      await Promise.resolve();
      await sent.catch(() => {});`,
    ],
    ['of a reply that is waited for and thrown', `await transport.send({ id: 1, result: {} });`],
    ['of a notification that nobody waits for', `transport.send({ method: 'x' });`],
    ['of a request that nobody waits for', `transport.send({ id: 1, method: 'roots/list' });`],
    ['of a reply to something else', `transport.send({ id: 2, result: {} });`],
  ])('%s ends the process, or not, as it does without us', (_, body) => {
    expect(end(body, true)).toEqual(end(body, false));
  });
});

it('holds nothing of a transport that is gone', async () => {
  const counter = callCounter();
  let gone = 0;
  const registry = new FinalizationRegistry(() => {
    gone += 1;
  });
  const use = async (): Promise<void> => {
    const transport = countToolCalls(new FakeTransport(), counter);
    registry.register(transport, 'transport');
    transport.onmessage = () => {};
    transport.onmessage(call(1));
    transport.onmessage(call('never answered'));
    await transport.send(ok(1));
  };
  for (let session = 0; session < 20; session++) await use();
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 20 && gone < 19; round++) {
    collect();
    await turn();
  }
  expect(gone).toBeGreaterThanOrEqual(19);
});
