// The decorated transport under the servers of both official SDKs. Each case is played bare and
// counted, and the peer must get the same, message for message.

// A transport of the SDKs has no other way to listen.
// oxlint-disable unicorn/prefer-add-event-listener
import { describe, expect, it, test } from 'vitest';
import { callCounter, type CountedCall, counted } from '../../spec/support/mcp/call-counter.ts';
import {
  Gate,
  linkedV1,
  linkedV2,
  makeServerV1,
  makeServerV2,
  waitingTools,
} from '../../spec/support/mcp/sdk-servers.ts';
import { countToolCalls, type TransportLike } from './transport.ts';

interface RawEnd {
  onmessage?: ((message: never) => void) | undefined;
  start(): Promise<void>;
  send(message: never): Promise<void>;
  close(): Promise<void>;
}

/** A client that says what it is told to, right or wrong. */
class Peer {
  readonly received: unknown[] = [];
  readonly #end: RawEnd;
  #heard: () => void = () => {};

  constructor(end: RawEnd) {
    this.#end = end;
    end.onmessage = (message: unknown) => {
      this.received.push(JSON.parse(JSON.stringify(message)));
      this.#heard();
    };
  }

  async say(...messages: unknown[]): Promise<void> {
    for (const message of messages) await this.#end.send(message as never);
  }

  /** Waits until so many messages have come in all. */
  async hear(count: number): Promise<void> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  /** Says hello as this client, and waits for the answer. */
  async introduce(
    clientInfo: unknown = { name: 'codex-mcp-client', version: '0.165.0' },
  ): Promise<void> {
    const before = this.received.length;
    await this.say(initialize(0, clientInfo));
    await this.hear(before + 1);
    await this.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  close(): Promise<void> {
    return this.#end.close();
  }
}

type Wrap = <T extends TransportLike>(transport: T) => T;
type Script = (peer: Peer, gate: Gate) => Promise<void>;

const majors = {
  v1: async (wrap: Wrap, gate: Gate) => {
    const [client, transport] = linkedV1();
    const server = makeServerV1(gate);
    await server.connect(wrap(transport));
    return { client, server };
  },
  v2: async (wrap: Wrap, gate: Gate) => {
    const [client, transport] = linkedV2();
    const server = makeServerV2(gate);
    await server.connect(wrap(transport));
    return { client, server };
  },
};
type Major = keyof typeof majors;

async function play(major: Major, script: Script, wrap: Wrap): Promise<unknown[]> {
  const gate = new Gate();
  const { client, server } = await majors[major](wrap, gate);
  const peer = new Peer(client);
  await client.start();
  await script(peer, gate);
  await settled();
  await server.close();
  await settled();
  return peer.received;
}

/** Plays bare, then counted; says what was counted. */
async function playBoth(major: Major, script: Script): Promise<readonly CountedCall[]> {
  const counter = callCounter();
  const bare = await play(major, script, (transport) => transport);
  const heard = await play(major, script, (transport) => countToolCalls(transport, counter));
  expect(heard).toEqual(bare);
  return counter.calls;
}

/** Whatever is under way without waiting for anybody is over. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

const explore = 'codegraph_explore';
const codex = { client: 'codex 0.165' };
const clientKey = 'io.modelcontextprotocol/clientInfo';

const call = (id: unknown, name: unknown = explore, more: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {}, ...more },
});
const initialize = (id: unknown, clientInfo: unknown): object => ({
  jsonrpc: '2.0',
  id,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: { roots: {} }, clientInfo },
});
const cancel = (requestId: unknown): object => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});

describe.each<Major>(['v1', 'v2'])('under a server on %s', (major) => {
  test.each([0, 1, -1, 'a', '', '1', 'ключ'])(
    'case 1: a call counts under the id %j',
    async (id) => {
      const calls = await playBoth(major, async (peer) => {
        await peer.introduce();
        await peer.say(call(id));
        await peer.hear(2);
      });
      expect(calls).toEqual([counted(explore, codex)]);
    },
  );

  test('case 1: a number and its numeral, open together, are two calls', async () => {
    const calls = await playBoth(major, async (peer, gate) => {
      await peer.introduce();
      await peer.say(call(2, 'codegraph_callers'), call('2', 'codegraph_callees'));
      await settled();
      gate.open('codegraph_callees');
      await peer.hear(2);
      gate.open('codegraph_callers');
      await peer.hear(3);
    });
    expect(calls).toEqual([
      counted('codegraph_callees', codex),
      counted('codegraph_callers', codex),
    ]);
  });

  test.each([null, 1.5, 2 ** 60])(
    'case 1: a call under the id %j counts when the SDK answers it',
    async (id) => {
      let answers: unknown[] = [];
      const calls = await playBoth(major, async (peer) => {
        await peer.introduce();
        await peer.say(call(id));
        await settled();
        answers = peer.received.slice(1);
      });
      expect(calls).toEqual(answers.map(() => counted(explore, codex)));
    },
  );

  test('case 2: calls with one id count each', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      await peer.say(call(1), call(1, 'codegraph_node'));
      await peer.hear(3);
    });
    expect(calls).toEqual([
      counted(explore, codex),
      counted('codegraph_node', { ok: false, ...codex }),
    ]);
  });

  test('case 3: calls that are answered in another order count with their own name', async () => {
    const calls = await playBoth(major, async (peer, gate) => {
      await peer.introduce();
      await peer.say(...waitingTools.map((name, at) => call(at + 1, name)), call(9));
      await peer.hear(2);
      for (const [at, name] of waitingTools.toReversed().entries()) {
        gate.open(name);
        await peer.hear(3 + at);
      }
    });
    expect(calls).toEqual(
      [explore, ...waitingTools.toReversed()].map((tool) => counted(tool, codex)),
    );
  });

  test('case 3: many calls at once count once each', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      await peer.say(...Array.from({ length: 300 }, (_, id) => call(id + 1)));
      await peer.hear(301);
    });
    expect(calls).toEqual(Array.from({ length: 300 }, () => counted(explore, codex)));
  });

  test.each([
    ['codegraph_explore', true],
    ['codegraph_files', true],
    ['codegraph_node', false],
    ['codegraph_search', false],
  ])('case 4: a call of %s ends well: %j', async (tool, ok) => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      await peer.say(call(1, tool));
      await peer.hear(2);
    });
    expect(calls).toEqual([counted(tool, { ok, ...codex })]);
  });

  test('case 4: a tool that there is not is an error of `other`', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      await peer.say(call(1, 'alices_tool'));
      await peer.hear(2);
    });
    expect(calls).toEqual([counted('other', { ok: false, ...codex })]);
  });

  test('case 5: a call that was cancelled and not answered does not count', async () => {
    const calls = await playBoth(major, async (peer, gate) => {
      await peer.introduce();
      await peer.say(call(1, 'codegraph_callers'));
      await settled();
      await peer.say(cancel(1));
      gate.open('codegraph_callers');
      await settled();
      await peer.say(call(1));
      await peer.hear(2);
    });
    expect(calls).toEqual([counted(explore, codex)]);
  });

  test('case 6: a notification does not count', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      const { id: _, ...notification } = call(1) as { id: unknown };
      await peer.say(notification, { ...notification, id: undefined });
      await settled();
      await peer.say({ jsonrpc: '2.0', id: 1, method: 'ping' });
      await peer.hear(2);
    });
    expect(calls).toEqual([]);
  });

  test('case 8: the server may ask back under the id of an open call', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      // Its first own request has the id 0 in both SDKs, as has this call.
      await peer.say(call(0, 'codegraph_status'));
      await peer.hear(2);
      const [, question] = peer.received;
      expect(question).toMatchObject({ id: 0, method: 'roots/list' });
      await peer.say({ jsonrpc: '2.0', id: 0, result: { roots: [] } });
      await peer.hear(3);
    });
    expect(calls).toEqual([counted('codegraph_status', codex)]);
  });

  test.each<[string, unknown, string | null]>([
    ['as a known client', { name: 'Cursor', version: '1.0.0' }, 'cursor 1.0'],
    ['as a stranger', { name: 'alices-agent', version: '3.14.15' }, 'other 3.14'],
    ['at length', { name: 'x'.repeat(100_000), version: 'y'.repeat(100_000) }, 'other'],
    ['without a name', { name: '', version: '1.0' }, null],
    ['with a name of another kind', { name: 7, version: '1.0' }, null],
    ['not at all', null, null],
  ])('case 9: a client can introduce itself %s', async (_, clientInfo, client) => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce(clientInfo);
      await peer.say(call(1));
      await peer.hear(2);
    });
    expect(calls).toEqual([counted(explore, { client })]);
  });

  test('case 9: a client can introduce itself again, and be refused', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      await peer.say(initialize('again', { name: 'Zed', version: '0.1.0' }));
      await peer.hear(2);
      await peer.say(call(1));
      await peer.hear(3);
      await peer.say(initialize('bad', { name: 7 }));
      await peer.hear(4);
      await peer.say(call(2));
      await peer.hear(5);
    });
    expect(calls.map(({ client }) => client)).toEqual(['zed 0.1', 'zed 0.1']);
  });

  test('case 9: a client can name itself in a call, which counts for that call', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      const _meta = { [clientKey]: { name: 'claude-code', version: '2.1.317' } };
      await peer.say(call(1, explore, { _meta }), call(2));
      await peer.hear(3);
    });
    expect(new Set(calls.map(({ client }) => client))).toEqual(
      new Set(['claude-code 2.1', 'codex 0.165']),
    );
  });

  test('case 9: a client that sends all it has at once is known', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.say(initialize(0, { name: 'Zed', version: '0.1.0' }), call(1), call(2));
      await peer.hear(3);
    });
    expect(calls).toEqual([
      counted(explore, { client: 'zed 0.1' }),
      counted(explore, { client: 'zed 0.1' }),
    ]);
  });

  test('case 9: a client that never introduced itself is unknown', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.say(call(1));
      await peer.hear(1);
    });
    expect(calls).toEqual([counted(explore)]);
  });

  test.each(['private_tool', '__proto__', 'constructor', 'x'.repeat(100_000)])(
    'case 11: a tool outside the list is `other`: %s',
    async (name) => {
      const calls = await playBoth(major, async (peer) => {
        await peer.introduce();
        await peer.say(call(1, name));
        await peer.hear(2);
      });
      expect(calls).toEqual([counted('other', { ok: name === 'private_tool', ...codex })]);
    },
  );

  test.each([null, 7, undefined, ['codegraph_explore']])(
    'case 11: a name that is no text is `other`: %j',
    async (name) => {
      const calls = await playBoth(major, async (peer) => {
        await peer.introduce();
        await peer.say({ ...call(1), params: { name } });
        await peer.hear(2);
      });
      expect(calls).toEqual([counted('other', { ok: false, ...codex })]);
    },
  );

  test('case 12: what is like a call, a reply or a client further down is none', async () => {
    const calls = await playBoth(major, async (peer) => {
      await peer.introduce();
      const decoy = { ...call(2, 'codegraph_node'), result: { isError: true }, error: {} };
      await peer.say(
        call(1, explore, {
          arguments: { ...decoy, clientInfo: { name: 'Zed' }, _meta: { [clientKey]: decoy } },
        }),
      );
      await peer.hear(2);
    });
    expect(calls).toEqual([counted(explore, codex)]);
  });

  test('what is open when the client goes does not count', async () => {
    const calls = await playBoth(major, async (peer, gate) => {
      await peer.introduce();
      await peer.say(call(1), call(2, 'codegraph_callers'));
      await peer.hear(2);
      await peer.close();
      gate.open('codegraph_callers');
      await settled();
    });
    expect(calls).toEqual([counted(explore, codex)]);
  });

  test('case 17: messages that wait for `start()` are heard', async () => {
    const gate = new Gate();
    const counter = callCounter();
    if (major === 'v1') {
      const [client, transport] = linkedV1();
      const peer = new Peer(client);
      await peer.say(initialize(0, { name: 'Zed', version: '0.1.0' }), call(1));
      await makeServerV1(gate).connect(countToolCalls(transport, counter));
      await peer.hear(2);
    } else {
      const [client, transport] = linkedV2();
      const peer = new Peer(client);
      await peer.say(initialize(0, { name: 'Zed', version: '0.1.0' }), call(1));
      await makeServerV2(gate).connect(countToolCalls(transport, counter));
      await peer.hear(2);
    }
    await settled();
    expect(counter.calls).toEqual([counted(explore, { client: 'zed 0.1' })]);
  });

  it('counts on when other instrumentation wraps the transport after us', async () => {
    const counter = callCounter();
    const gate = new Gate();
    const { client, server } = await majors[major](
      (transport) => countToolCalls(transport, counter),
      gate,
    );
    // As it is done on a server that is connected: read, wrap, set again.
    const transport = server.server.transport as TransportLike & {
      onmessage: (...args: never[]) => unknown;
    };
    const listener = transport.onmessage;
    transport.onmessage = (...args) => listener(...args);
    const send = transport.send.bind(transport);
    transport.send = async (...args) => {
      await send(...args);
    };
    const peer = new Peer(client);
    await peer.introduce();
    await peer.say(call(1));
    await peer.hear(2);
    await settled();
    expect(counter.calls).toEqual([counted(explore, codex)]);
  });
});
