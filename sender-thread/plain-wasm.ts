/**
 * Has V8 leave all WebAssembly of this process as its quick compiler makes it. The interpreter inside
 * the sandbox is one large loop: optimizing that takes a machine-day's flush a third of its CPU time,
 * and 15 MB that the allocator keeps, and pays off for a full buffer at the earliest. For good, as a
 * function is compiled when it first runs. Measured on Node 24.
 */
export function keepWasmPlain(): void {
  // Loaded here: it takes 4 ms, and few flushes need it.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--no-wasm-tier-up');
  // Without this one, each function would be optimized when it is first compiled.
  setFlagsFromString('--no-wasm-dynamic-tiering');
}
