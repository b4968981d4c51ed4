import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { emptyLedger, parseLedger } from '../contract/ledger.ts';
import { bufferOf, frameOf, queries } from '../spec/support/frames.ts';
import { builtImage, evaluate, imageWith, obedientImage } from '../spec/support/guests.ts';
import { readEngine } from '../scripts/build/guest.ts';
import { claimOf, mayReport, requestOf } from '../spec/support/requests.ts';
import { findFaults } from '../spec/support/strict-report.ts';
import { absorb } from '../spec/support/absorb.ts';
import { loadSandboxImage, Sandbox, type SandboxImage } from './sandbox.ts';

const today = 20_780;

let obedient: SandboxImage;
// Freezing takes a moment, and each test opens an instance of its own anyway.
beforeAll(async () => {
  obedient = await obedientImage();
});

/** What code comes to behind the wall. */
async function inside(code: string): Promise<string> {
  return await evaluate(obedient, code);
}

// Every name that code could hope for, in whatever it thinks it runs.
const hopes = `
  fetch XMLHttpRequest WebSocket EventSource Request navigator location
  require module exports __dirname __filename importScripts
  process Deno Bun Buffer global window self frames document
  std os bjson scriptArgs load loadFile read readFile quit exit console print printErr alert
  setTimeout setInterval setImmediate clearTimeout requestAnimationFrame
  WebAssembly Worker SharedWorker MessageChannel BroadcastChannel Atomics
  crypto Intl structuredClone localStorage indexedDB caches gc
`.match(/\w+/g) as readonly string[];

describe('behind the wall there is no', () => {
  test.each(hopes)('%s', async (name) => {
    const found = `[typeof ${name}, typeof Function('return this')().${name}]`;
    expect(await inside(found)).toBe('undefined,undefined');
  });

  it('other name beyond those of the language, but for six harmless ones and our two', async () => {
    const names = await inside('Object.getOwnPropertyNames(globalThis).join()');
    // A context of V8 that Node has added nothing to.
    const language: readonly string[] = runInNewContext('Object.getOwnPropertyNames(globalThis)');
    const others = names.split(',').filter((name) => !language.includes(name));
    const harmless = 'DOMException,InternalError,atob,btoa,performance,queueMicrotask';
    expect(others.toSorted()).toEqual(`${harmless},absorb,bookAnswer`.split(',').toSorted());
  });
});

describe('the clock of the host cannot be read by', () => {
  test.each([
    ['Date.now()', '0'],
    ['new Date().getTime()', '0'],
    ['Date()', 'Thu Jan 01 1970 00:00:00 GMT+0000'],
    ['new Date(0).getTimezoneOffset()', '0'],
    ['new Date(2026, 6, 1).toISOString()', '2026-07-01T00:00:00.000Z'],
    ['performance.timeOrigin', '0'],
  ])('%s', async (code, value) => {
    expect(await inside(code)).toBe(value);
  });

  it('performance.now(), which ends the instance and no more', async () => {
    await expect(inside('performance.now()')).rejects.toThrow('unreachable');
    expect(await inside('1 + 1')).toBe('2');
  });
});

it('draws the same numbers by Math.random in every instance', async () => {
  const draw = 'Array.from({ length: 50 }, Math.random).join()';
  expect(await inside(draw)).toBe(await inside(draw));
});

test.each([
  'fs',
  'node:fs',
  './guest.js',
  'qjs:os',
  'std',
  'data:text/javascript,export default 1',
])('import(%j) brings nothing', async (name) => {
  const probe = `import(${JSON.stringify(name)}).then(() => (globalThis.got = 1)), typeof got`;
  using sandbox = await Sandbox.open(obedient);
  const evaluateNow = (code: string): string =>
    sandbox.absorb(requestOf(today, { ledger: code })).ledger;
  expect(evaluateNow(probe)).toBe('undefined');
  expect(evaluateNow('typeof got')).toBe('undefined');
  expect(() => evaluateNow(`eval('import x from ${JSON.stringify(name)}')`)).toThrow('Unexpected');
});

it('knows no path of this machine, not even from an error', async () => {
  const stack = await inside('try { null.x } catch (error) { error.stack + error.fileName }');
  expect(stack).not.toContain(import.meta.dirname);
  expect(stack).not.toMatch(/\/(?:home|root|usr|tmp|work|Users)\b/);
});

describe('what crosses the wall is copied:', () => {
  it('the guest cannot change the bytes of the host', async () => {
    const image = await imageWith(`{
      const real = absorb;
      globalThis.absorb = (request) => {
        for (const { payloads } of request.claims) payloads.fill(0);
        return real(request);
      };
    }`);
    const bytes = bufferOf(frameOf(today, [queries(1)]));
    const before = bytes.slice();
    using sandbox = await Sandbox.open(image);
    sandbox.absorb(requestOf(today, { claims: [claimOf(bytes)] }));
    expect(bytes).toEqual(before);
  });

  const batchId = '0f0e7c1e-6d2f-4d0a-9a51-5b8f5f3f7f11';
  const good = `ledger: '', wasLedgerDamaged: false, isComplete: true, spentClaims: [], reports: [], outcome: 'waiting'`;
  test.each<[what: string, answer: string]>([
    ['a key more', `{ ${good}, url: 'https://example.com' }`],
    ['a function', `() => ({ ${good} })`],
    ['a promise', `Promise.resolve({ ${good} })`],
    ['nothing', 'undefined'],
    ['a prototype with the keys', `Object.create({ ${good} })`],
    [
      'a report that is no text',
      `{ ${good}, reports: [{ batchId: '${batchId}', events: 1, text: {} }] }`,
    ],
    ['an exception', `(() => { throw new Error('no') })()`],
    ['a getter that never ends in a value', `{ ${good}, get ledger() { throw 1 } }`],
  ])('an answer is refused that is %s', async (_, answer) => {
    using sandbox = await Sandbox.open(await imageWith(`globalThis.absorb = () => (${answer});`));
    expect(() => sandbox.absorb(requestOf(today))).toThrow(/^Invalid |^no$|^1$|^Expected /);
  });

  it('an answer cannot reach the prototypes of the host', async () => {
    const answer = `JSON.parse('{"__proto__":{"polluted":1},"ledger":{"__proto__":{"polluted":1}}}')`;
    using sandbox = await Sandbox.open(await imageWith(`globalThis.absorb = () => ${answer};`));
    expect(() => sandbox.absorb(requestOf(today))).toThrow(/^Invalid /);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('the published guest', () => {
  it('answers as the same code does outside', async () => {
    using sandbox = await Sandbox.open(await builtImage());
    const claims = [claimOf(bufferOf(frameOf(today - 1, [queries(3, 1)])))];
    const request = requestOf(today, { claims, ...mayReport() });
    const answer = sandbox.absorb(request);
    expect(answer).toEqual(absorb(request));
    expect(answer.reports.flatMap(({ text }) => findFaults(text))).toEqual([]);
    const settled = sandbox.bookAnswer({
      ledger: answer.ledger,
      now: request.now,
      batchId: answer.reports[0]?.batchId ?? '',
      result: { kind: 'accepted' },
      jitter: 0,
    });
    expect(parseLedger(settled.ledger)).toMatchObject({ reports: [], days: {} });
  });

  it('is the same from the same source', async () => {
    const [one, other] = await Promise.all([imageWith(''), imageWith('')]);
    expect(one.snapshot).toEqual(other.snapshot);
  });

  it('keeps nothing from one instance to the next', async () => {
    const image = await builtImage();
    const claims = [claimOf(bufferOf(frameOf(today, [queries(1)])))];
    const answers = [1, 2].map(async () => {
      using sandbox = await Sandbox.open(image);
      return sandbox.absorb(requestOf(today, { claims }));
    });
    const [one, other] = await Promise.all(answers);
    expect(one).toEqual(other);
    expect(parseLedger(one?.ledger ?? '')).not.toEqual(emptyLedger());
  });
});

it('refuses a snapshot that is none', async () => {
  const engine = await readEngine();
  await expect(loadSandboxImage({ engine, snapshot: new Uint8Array(100) })).rejects.toThrow(
    'magic',
  );
});
