import { createHash } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';

/**
 * The build puts both here, brotli in base64, so that the thread is one file: a bundler moves it, a
 * host names it, and nothing has to lie beside it.
 */
declare const __SANDBOX_IMAGE__: {
  readonly engineBytes: number;
  readonly packed: string;
  /** SHA-256 of the packed bytes. */
  readonly hash: string;
};

/** The WebAssembly module of the sandbox's engine, and its memory with the guest in it. */
export interface UnpackedImage {
  readonly engine: Uint8Array<ArrayBuffer>;
  readonly snapshot: Uint8Array;
}

/**
 * Takes some 15 ms, less than 1 of them for the hash. Brotli has no checksum: of 60 changed characters, 7
 * were unpacked and 5 even compiled. Such a sandbox could call honest counts damaged.
 *
 * @throws Error when the bytes are not those of the build.
 */
export function unpackImage(): UnpackedImage {
  const { engineBytes, packed, hash } = __SANDBOX_IMAGE__;
  const packedBytes = Buffer.from(packed, 'base64');
  if (createHash('sha256').update(packedBytes).digest('hex') !== hash) {
    throw new Error('the sandbox is not the one that was built: install codegraph-telemetry again');
  }
  const bytes = brotliDecompressSync(packedBytes);
  return { engine: bytes.subarray(0, engineBytes), snapshot: bytes.subarray(engineBytes) };
}
