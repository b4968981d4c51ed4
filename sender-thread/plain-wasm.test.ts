import { expect, it } from 'vitest';
import { choose, homeWith } from '../spec/support/flushes.ts';
import { frameOf, queries } from '../spec/support/frames.ts';
import { startLoopback, status } from '../spec/support/loopback.ts';
import { fileUrl, runProgram } from '../spec/support/programs.ts';
import { noon } from '../spec/support/requests.ts';

const today = 20_780;
const busyDay = Array.from({ length: 300 }, (_, use) => frameOf(today - 1, [queries(use + 1)]));

/** Which of V8's compilers made WebAssembly functions during a flush with these options. */
async function compilersOf(options: object): Promise<Set<string | undefined>> {
  const { url } = await startLoopback(status(204));
  const paths = homeWith(...busyDay);
  choose(paths, { enabled: true });
  const all = { version: '1.6.1', endpoint: url.href, paths, ...options };
  const { stdout, stderr } = await runProgram(`
    import { setFlagsFromString } from 'node:v8';
    import { openTelemetry } from ${JSON.stringify(fileUrl('dist/index.js'))};
    setFlagsFromString('--trace-wasm-compilation-times');
    const telemetry = openTelemetry({ ...${JSON.stringify(all)}, now: () => ${noon(today)} });
    console.log(await telemetry.flush({ timeoutMs: 15_000 }));
    await telemetry.close();`);
  expect(stdout).toContain(`outcome: 'sent'`);
  expect(stderr).toBe('');
  return new Set(
    [...stdout.matchAll(/^Compiled function .* using (\w+),/gm)].map(([, name]) => name),
  );
}

it('has V8 optimize nothing in a process without other WebAssembly', async () => {
  expect(await compilersOf({ isWasmFree: true })).toEqual(new Set(['Liftoff']));
});

it('leaves it to V8 in any other process', async () => {
  expect(await compilersOf({})).toEqual(new Set(['Liftoff', 'TurboFan']));
});
