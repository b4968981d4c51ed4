import { brotliDecompressSync } from 'node:zlib';

/**
 * The build puts both here, brotli in base64, so that the thread is one file: a bundler moves it, a
 * host names it, and nothing has to lie beside it.
 */
declare const __SANDBOX_IMAGE__: { readonly engineBytes: number; readonly packed: string };

/** The WebAssembly module of the sandbox's engine, and its memory with the guest in it. */
export interface UnpackedImage {
  readonly engine: Uint8Array<ArrayBuffer>;
  readonly snapshot: Uint8Array;
}

/** Takes some 15 ms. */
export function unpackImage(): UnpackedImage {
  const { engineBytes, packed } = __SANDBOX_IMAGE__;
  const bytes = brotliDecompressSync(Buffer.from(packed, 'base64'));
  return { engine: bytes.subarray(0, engineBytes), snapshot: bytes.subarray(engineBytes) };
}
