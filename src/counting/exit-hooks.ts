// Signals that end a process by default and that a terminal, a service manager or an agent sends.
const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

// Two copies of this package may meet in a process: each must know the other's handlers as ours.
const ours = Symbol.for('codegraph-telemetry.exit-hook');

/**
 * Calls `onEnd` when the process ends: at `exit`, with the exit code, and without one at a signal
 * that would kill it, where the host has no handler of its own. The process then dies of the signal
 * as it would have. Returns a function that takes the hooks away.
 */
export function hookExit(onEnd: (exitCode: number | undefined) => void): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    const listeners = process.listeners(signal);
    // With a handler of the host's, the host decides whether it dies; `exit` will tell.
    if (listeners.some((listener) => !(ours in listener))) return;
    onEnd(undefined);
    unhook();
    // The last of ours passes it on. One that `onEnd` has hooked is not called for this signal, so
    // it does not count: it gets the one that is sent here.
    if (listeners.length === 1) process.kill(process.pid, signal);
  };
  const unhook = (): void => {
    process.removeListener('exit', onEnd);
    process.removeListener('beforeExit', turnOnce);
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  process.prependListener('exit', onEnd);
  process.once('beforeExit', turnOnce);
  for (const signal of signals) process.on(signal, Object.assign(onSignal, { [ours]: true }));
  return unhook;
}

/**
 * A host may send itself a signal as its last act. Without a listener it would die of that; with
 * ours the signal needs one more turn of the event loop. Whoever listens to `beforeExit` would get
 * it twice for that, so then there is none.
 */
function turnOnce(): void {
  if (process.listenerCount('beforeExit') === 0) setImmediate(() => undefined);
}
