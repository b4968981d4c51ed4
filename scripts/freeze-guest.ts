import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { QuickJS } from 'quickjs-wasi';
import { deniedWasi } from '../sender-thread/sandbox.ts';
import { sandboxMemoryBytes } from '../contract/limits.ts';

// The part of WebAssembly.Memory that counts here; Node's types do not have the class.
interface Memory {
  readonly buffer: ArrayBuffer;
}

/**
 * Evaluates the guest in a fresh engine and returns the engine's memory, serialized: restoring it
 * takes a few milliseconds, evaluating it took about twenty times that.
 *
 * The engine is as deaf here as it is in the sender thread, so nothing of this machine gets into
 * the snapshot: the same guest gives the same bytes.
 *
 * @throws JSException when the guest throws while it is evaluated.
 */
export async function freezeGuest(bundleText: string): Promise<Uint8Array> {
  const wasm = await readFile(fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm')));
  using vm = await QuickJS.create({
    wasm,
    wasi: (memory: Memory) => ({ ...deniedWasi(), clock_time_get: stoppedClock(memory) }),
    timezoneOffset: 0,
    memoryLimit: sandboxMemoryBytes,
  });
  vm.evalCode(bundleText, 'guest.js').dispose();
  return QuickJS.serializeSnapshot(vm.snapshot());
}

// An engine that is being made seeds its Math.random from the clock and aborts when it is denied;
// a restored one is past that. Zero is what it gets.
function stoppedClock(memory: Memory) {
  return (_clock: number, _precision: bigint, result: number): number => {
    new DataView(memory.buffer).setBigUint64(result, 0n, true);
    return 0;
  };
}
