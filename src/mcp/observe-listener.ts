type Listener = (this: unknown, ...args: unknown[]) => unknown;

/** Whether `key` of an object can hold a listener, and can be observed. */
export function canObserve(object: object, key: string): boolean {
  if (Object.getOwnPropertyDescriptor(object, key)?.configurable === false) return false;
  const property = findProperty(object, key);
  return property === undefined || property.writable === true || property.set !== undefined;
}

/**
 * Has `note` see the first argument of whatever the listener at `key` hears, before it does, and
 * once. Covers a listener that is there already, one that is set later, one that is kept by an
 * accessor, and one that is read, wrapped and set again. `note` must not throw.
 */
export function observeListener<Key extends string>(
  object: { [key in Key]?: unknown },
  key: Key,
  note: (argument: unknown) => void,
): void {
  const property = findProperty(object, key);
  const before: unknown = object[key];
  const observers = new WeakSet<Listener>();
  /** The listener as it was set, observed, where no accessor of the object keeps it. */
  let kept: unknown;
  /** The observer that was set last: one that is wrapped in it leaves the noting to it. */
  let current: unknown;

  function observe(listener: Listener): Listener {
    const observer: Listener = function (this: unknown, ...args: unknown[]): unknown {
      if (observer === current) note(args[0]);
      return listener.apply(this, args);
    };
    observers.add(observer);
    return observer;
  }
  function get(this: unknown): unknown {
    return property?.get === undefined ? kept : property.get.call(this);
  }
  function set(this: unknown, listener: unknown): void {
    // One of ours was read here before, and is put back.
    const isPlain = typeof listener !== 'function' || observers.has(listener as Listener);
    current = isPlain ? listener : observe(listener as Listener);
    if (property?.set === undefined) kept = current;
    else property.set.call(this, current);
  }

  const enumerable = property?.enumerable ?? true;
  Object.defineProperty(object, key, { get, set, configurable: true, enumerable });
  if (before !== undefined) set.call(object, before);
}

/** The property as it is on the object, or on the nearest prototype that has it. */
function findProperty(object: object, key: string): PropertyDescriptor | undefined {
  for (
    let at: object | null = object;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}
