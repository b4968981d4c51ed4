/** The text of a body, or why there is none. */
export type BodyReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'too_long' | 'too_slow' | 'not_utf8' };

interface BodyBounds {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * Reads a body, counting as it comes: neither `content-length` nor the platform's limit of
 * 100 MB is trusted. What is over the bound is never held in memory.
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  { maxBytes, timeoutMs }: BodyBounds,
): Promise<BodyReading> {
  if (body === null) return { ok: true, text: '' };
  const reader = body.getReader();
  const deadline = startDeadline(timeoutMs);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), deadline.passed]);
      if (read === 'passed') return await give(reader, 'too_slow');
      if (read.done) break;
      bytes += read.value.byteLength;
      if (bytes > maxBytes) return await give(reader, 'too_long');
      chunks.push(read.value);
    }
  } finally {
    deadline.clear();
  }
  return decode(chunks);
}

function startDeadline(timeoutMs: number): {
  readonly passed: Promise<'passed'>;
  readonly clear: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<'passed'>();
  const timer = setTimeout(() => resolve('passed'), timeoutMs);
  return { passed: promise, clear: () => clearTimeout(timer) };
}

async function give(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  reason: 'too_long' | 'too_slow',
): Promise<BodyReading> {
  await reader.cancel(reason);
  return { ok: false, reason };
}

function decode(chunks: readonly Uint8Array[]): BodyReading {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  try {
    const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('');
    return { ok: true, text: text + decoder.decode() };
  } catch {
    // TextDecoder says "not UTF-8" only by throwing.
    return { ok: false, reason: 'not_utf8' };
  }
}
