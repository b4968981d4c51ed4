import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { evaluate, imageWith, obedientImage } from '../spec/support/guests.ts';
import { requestOf } from '../spec/support/requests.ts';
import { Sandbox, type SandboxImage } from './sandbox.ts';

let obedient: SandboxImage;
beforeAll(async () => {
  obedient = await obedientImage();
});

/** Runs code behind the wall, and then sees to it that the next instance knows nothing of it. */
async function inside(code: string): Promise<string> {
  try {
    return await evaluate(obedient, code);
  } finally {
    expect(await evaluate(obedient, '1 + 1')).toBe('2');
  }
}

/** Threads that do nothing but work, until they are disposed of. */
function busyThreads(count: number): Disposable {
  const threads = Array.from({ length: count }, () => new Worker('for (;;);', { eval: true }));
  return {
    [Symbol.dispose]() {
      for (const thread of threads) void thread.terminate();
    },
  };
}

const caught = (code: string): string => `try { ${code} } catch (error) { error.name }`;

describe('memory ends with an exception for', () => {
  test.each([
    ['many bytes', 'const all = []; for (;;) all.push(new Uint8Array(1e6))'],
    ['one block', 'new ArrayBuffer(1e9)'],
    ['objects', 'let last; for (;;) last = { last }'],
    ['a string', `let text = 'x'; for (;;) text += text`],
    ['a list', 'const list = []; for (;;) list.push(...list.slice(0, 9_999), 0)'],
  ])('%s', async (_, code) => {
    await expect(inside(code)).rejects.toThrow(/memory|too long|invalid.*length/i);
    expect(await inside(caught(code))).toMatch(/^(?:InternalError|RangeError|null)$/);
  });
});

describe('the stack ends with an exception that can be caught for', () => {
  test.each([
    ['functions', 'const f = () => 1 + f(); f()'],
    ['getters', 'const o = { get a() { return this.a } }; o.a'],
    ['nested JSON', `JSON.parse('['.repeat(1e5))`],
    [
      'a nested value as JSON',
      'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; JSON.stringify(o)',
    ],
    ['a nested pattern', `new RegExp('(?:'.repeat(1e5))`],
  ])('%s', async (_, code) => {
    await expect(inside(code)).rejects.toThrow(/stack|too many/);
    expect(await inside(caught(code))).toMatch(/^(?:RangeError|InternalError|SyntaxError)$/);
  });
});

describe('time ends with an exception that nothing in there can catch, for', () => {
  test.each([
    [
      'loops that catch what they can',
      'for (;;) { try { for (;;); } catch {} finally { continue } }',
    ],
    ['a pattern that tries everything', `/^(a+)+$/.test('a'.repeat(60) + 'b')`],
  ])('%s', async (_, code) => {
    const deadlineMs = 1_000;
    // On a busy machine it has as much time as on another: what others take is not counted.
    using _busy = busyThreads(2);
    using sandbox = await Sandbox.open(obedient, deadlineMs);
    const before = process.threadCpuUsage();
    expect(() => sandbox.absorb(requestOf(20_780, { ledger: code }))).toThrow(/interrupted/);
    const { user, system } = process.threadCpuUsage(before);
    const workedMs = (user + system) / 1_000;
    expect(workedMs).toBeGreaterThan(deadlineMs - 20);
    // The thread's own time is looked at only once as much has passed by the clock.
    expect(workedMs).toBeLessThan(2 * deadlineMs + 500);
  });
});

test.each([
  ['the abort of the engine, which was denied a clock', 'performance.now()', /unreachable/],
  ['the end of V8’s own stack in the engine’s parser', `eval('('.repeat(1e5))`, /call stack/],
])('only the instance dies of %s', async (_, code, message) => {
  await expect(inside(caught(code))).rejects.toThrow(message);
});

it('begins to measure time anew with each call', async () => {
  const busy = 'let sum = 0; for (let i = 0; i < 1e5; i++) sum += i; sum';
  using sandbox = await Sandbox.open(obedient);
  const evaluateNow = (code: string): string =>
    sandbox.absorb(requestOf(20_780, { ledger: code })).ledger;
  expect(evaluateNow(busy)).toBe(evaluateNow(busy));
});

it('refuses an answer that would not fit', async () => {
  const image = await imageWith(`globalThis.absorb = () => 'x'.repeat(1e9);`);
  using sandbox = await Sandbox.open(image);
  expect(() => sandbox.absorb(requestOf(20_780))).toThrow(/too long|memory/);
});
