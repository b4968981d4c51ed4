import { expect, it, test } from 'vitest';
import { readBody } from './read-body.ts';

const bounds = { maxBytes: 10, timeoutMs: 1_000 };

function streamOf(...chunks: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      }
      controller.close();
    },
  });
}

test.each([
  ['no body', null, ''],
  ['an empty body', streamOf(), ''],
  ['one chunk', streamOf('hello'), 'hello'],
  ['just as much as may be', streamOf('01234', '56789'), '0123456789'],
  ['a letter cut in two', streamOf(new Uint8Array([0xc3]), new Uint8Array([0xa9])), 'é'],
])('reads %s', async (_, body, text) => {
  expect(await readBody(body, bounds)).toEqual({ ok: true, text });
});

test.each([
  ['one byte too much', streamOf('0123456789', '0'), 'too_long'],
  ['bytes that are no UTF-8', streamOf(new Uint8Array([0xff])), 'not_utf8'],
  ['half a letter', streamOf(new Uint8Array([0xc3])), 'not_utf8'],
])('refuses %s', async (_, body, reason) => {
  expect(await readBody(body, bounds)).toEqual({ ok: false, reason });
});

it('stops reading an endless body at the bound', async () => {
  let chunks = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks += 1;
      controller.enqueue(new Uint8Array(4));
    },
  });
  expect(await readBody(endless, bounds)).toEqual({ ok: false, reason: 'too_long' });
  expect(chunks).toBeLessThan(10);
});

it('does not wait for ever for a body that does not come', async () => {
  let isCancelled = false;
  const stalled = new ReadableStream<Uint8Array>({
    cancel() {
      isCancelled = true;
    },
  });
  expect(await readBody(stalled, { maxBytes: 10, timeoutMs: 5 })).toEqual({
    ok: false,
    reason: 'too_slow',
  });
  expect(isCancelled).toBe(true);
});

it('knows a body that breaks off from a defect', async () => {
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(4));
    },
    pull(controller) {
      controller.error(new Error('the connection was lost'));
    },
  });
  expect(await readBody(broken, bounds)).toEqual({ ok: false, reason: 'broken_off' });
});
