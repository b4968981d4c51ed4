/** The text of a body, or why there is none. */
export type BodyReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: Unread | 'not_utf8' };

type Unread = 'too_long' | 'too_slow' | 'broken_off';

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
      const read = await Promise.race([readNext(reader), deadline.passed]);
      if (typeof read === 'string') return await giveUp(reader, read);
      if (read.done) break;
      bytes += read.value.byteLength;
      if (bytes > maxBytes) return await giveUp(reader, 'too_long');
      chunks.push(read.value);
    }
  } finally {
    deadline.clear();
  }
  return decode(chunks);
}

async function readNext(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array> | 'broken_off'> {
  try {
    return await reader.read();
  } catch {
    // Whoever sent it is gone. Nothing else can go wrong here.
    return 'broken_off';
  }
}

function startDeadline(timeoutMs: number): {
  readonly passed: Promise<'too_slow'>;
  readonly clear: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<'too_slow'>();
  const timer = setTimeout(() => resolve('too_slow'), timeoutMs);
  return { passed: promise, clear: () => clearTimeout(timer) };
}

async function giveUp(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  reason: Unread,
): Promise<BodyReading> {
  // Rejects where it has broken off, and then there is nothing left to cancel.
  await reader.cancel(reason).catch(() => {});
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
