// A transport of the SDKs has no other way to listen.
// oxlint-disable unicorn/prefer-add-event-listener
import { describe, expect, it, test } from 'vitest';
import { canObserve, observeListener } from './observe-listener.ts';

type Hear = (this: unknown, ...args: unknown[]) => unknown;

interface Speaker {
  onmessage?: Hear | undefined;
}

/** Delivers as a transport does. */
function say(speaker: Speaker, ...args: unknown[]): unknown {
  return speaker.onmessage?.(...args);
}

class WithField implements Speaker {
  onmessage: Hear | undefined;
}

class WithAccessor implements Speaker {
  #inner: Speaker = {};
  get onmessage(): Hear | undefined {
    return this.#inner.onmessage;
  }
  set onmessage(listener: Hear | undefined) {
    this.#inner.onmessage = listener;
  }
}

class WithOwnAccessor implements Speaker {
  declare onmessage: Hear | undefined;
  constructor() {
    let kept: Hear | undefined;
    Object.defineProperty(this, 'onmessage', {
      get: () => kept,
      set: (listener: Hear | undefined) => {
        kept = listener;
      },
      configurable: true,
    });
  }
}

describe.each<[string, () => Speaker]>([
  ['nothing yet', () => ({})],
  ['a field', () => new WithField()],
  ['an accessor on the prototype', () => new WithAccessor()],
  ['an accessor of its own', () => new WithOwnAccessor()],
  ['a prototype without one', () => Object.create(null) as Speaker],
])('where there is %s', (_, make) => {
  it('notes what a listener hears that is set later, before it does', () => {
    const speaker = make();
    const order: string[] = [];
    observeListener(speaker, 'onmessage', (message) => order.push(`noted ${String(message)}`));
    speaker.onmessage = (message) => order.push(`heard ${String(message)}`);
    say(speaker, 'a');
    speaker.onmessage = (message) => order.push(`heard again ${String(message)}`);
    say(speaker, 'b');
    expect(order).toEqual(['noted a', 'heard a', 'noted b', 'heard again b']);
  });

  it('notes what a listener hears that was there before', () => {
    const speaker = make();
    const order: unknown[] = [];
    speaker.onmessage = (message) => order.push(message);
    observeListener(speaker, 'onmessage', (message) => order.push(message));
    say(speaker, 'a');
    expect(order).toEqual(['a', 'a']);
  });

  it('hands on `this`, every argument and the result', () => {
    const speaker = make();
    observeListener(speaker, 'onmessage', () => {});
    speaker.onmessage = function (...args) {
      return [this, ...args];
    };
    const extra = { authInfo: {} };
    expect(say(speaker, 'a', extra, 3)).toEqual([speaker, 'a', extra, 3]);
    const detached = speaker.onmessage;
    expect(detached('a')).toEqual([undefined, 'a']);
  });

  it('leaves what a listener throws to its caller', () => {
    const speaker = make();
    observeListener(speaker, 'onmessage', () => {});
    speaker.onmessage = () => {
      throw new Error('of the listener');
    };
    expect(() => say(speaker, 'a')).toThrow('of the listener');
  });

  it('notes once what is read, wrapped and set again, even later and as a copy', async () => {
    const speaker = make();
    const noted: unknown[] = [];
    const heard: unknown[] = [];
    observeListener(speaker, 'onmessage', (message) => noted.push(message));
    speaker.onmessage = (message) => heard.push(message);
    for (let layer = 0; layer < 3; layer++) {
      const inner = speaker.onmessage;
      speaker.onmessage = async (message) => {
        await Promise.resolve();
        inner({ ...(message as object), layer });
      };
    }
    say(speaker, { id: 1 });
    say(speaker, { id: 1 });
    await new Promise(setImmediate);
    expect(heard).toHaveLength(2);
    expect(noted).toEqual([{ id: 1 }, { id: 1 }]);
  });

  it('notes once when what was read is put back', () => {
    const speaker = make();
    const noted: unknown[] = [];
    observeListener(speaker, 'onmessage', (message) => noted.push(message));
    speaker.onmessage = () => {};
    const saved = speaker.onmessage;
    speaker.onmessage = (message) => saved(message);
    say(speaker, 'wrapped');
    speaker.onmessage = saved;
    expect(speaker.onmessage).toBe(saved);
    say(speaker, 'restored');
    expect(noted).toEqual(['wrapped', 'restored']);
  });

  it('notes nothing while nobody listens', () => {
    const speaker = make();
    const noted: unknown[] = [];
    observeListener(speaker, 'onmessage', (message) => noted.push(message));
    expect(speaker.onmessage).toBeUndefined();
    say(speaker, 'a');
    speaker.onmessage = () => {};
    speaker.onmessage = undefined;
    expect(speaker.onmessage).toBeUndefined();
    say(speaker, 'b');
    expect(noted).toEqual([]);
  });
});

test.each<[string, object, boolean]>([
  ['a field', { onmessage: undefined }, true],
  ['nothing yet', {}, true],
  ['an accessor', new WithAccessor(), true],
  ['a constant', Object.defineProperty({}, 'onmessage', { value: 1, configurable: true }), false],
  ['a fixed field', Object.defineProperty({}, 'onmessage', { value: 1, writable: true }), false],
  [
    'an accessor that takes nothing',
    {
      get onmessage() {
        return undefined;
      },
    },
    false,
  ],
  ['an inherited constant', Object.create(Object.freeze({ onmessage: 1 })) as object, false],
])('%s can be observed: %j', (_, object, expected) => {
  expect(canObserve(object, 'onmessage')).toBe(expected);
});

it('leaves a field as visible as it was', () => {
  const field = new WithField();
  const accessor = new WithAccessor();
  observeListener(field, 'onmessage', () => {});
  observeListener(accessor, 'onmessage', () => {});
  expect(Object.keys(field)).toEqual(Object.keys(new WithField()));
  expect(Object.keys(accessor)).toEqual(Object.keys(new WithAccessor()));
});
