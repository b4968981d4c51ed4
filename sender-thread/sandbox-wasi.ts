/** What a WASI call answers: not supported. */
const errnoNotSupported = 58;

type WasiCall = (...args: readonly (number | bigint)[]) => number;

/**
 * Every system call that the engine's WebAssembly module imports, denied. Its defaults would reach
 * this process's clock, streams and randomness. Time and randomness come in as arguments instead;
 * what is not listed here does not exist for the module at all.
 */
export function deniedWasi(): Record<string, WasiCall> {
  const deny: WasiCall = () => errnoNotSupported;
  return {
    clock_time_get: deny,
    fd_close: deny,
    fd_fdstat_get: deny,
    fd_seek: deny,
    fd_write: deny,
    random_get: deny,
  };
}
