import { brotliDecompressSync } from 'node:zlib';

/**
 * The build puts both here, brotli in base64, so that the thread is one file: a bundler moves it, a
 * host names it, and nothing has to lie beside it.
 */
declare const __SANDBOX_IMAGE__: { readonly engine: string; readonly snapshot: string };

/** The WebAssembly module of the sandbox's engine. Takes some 8 ms. */
export function unpackEngine(): Uint8Array<ArrayBuffer> {
  return unpack(__SANDBOX_IMAGE__.engine);
}

/** The frozen memory of the guest. Takes some 9 ms. */
export function unpackSnapshot(): Uint8Array<ArrayBuffer> {
  return unpack(__SANDBOX_IMAGE__.snapshot);
}

function unpack(packed: string): Uint8Array<ArrayBuffer> {
  return brotliDecompressSync(Buffer.from(packed, 'base64'));
}
