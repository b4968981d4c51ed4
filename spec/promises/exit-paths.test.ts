import { expect, it } from 'vitest';
import { countsIn, readBuffer } from '../support/buffer.ts';
import { openHome } from '../support/home.ts';
import { countQuery, runHost, startHost } from '../support/host.ts';
import { preload } from '../support/paths.ts';

/** However a process ends, what it counted is in the buffer, and it ends as it would without us. */

const env = { CODEGRAPH_TELEMETRY: '1' };
const wait = `process.stdout.write('counted'); setInterval(() => {}, 1_000);`;

interface Ending {
  readonly name: string;
  /** What the program does after it has counted. */
  readonly end: string;
  readonly code: number | null;
  readonly stderr?: RegExp;
}

it.each<Ending>([
  { name: 'returns', end: '', code: 0 },
  { name: 'returns with an exit code', end: 'process.exitCode = 4;', code: 4 },
  { name: 'calls process.exit', end: 'process.exit(3);', code: 3 },
  { name: 'throws', end: `throw new Error('of the host');`, code: 1, stderr: /of the host/ },
  {
    name: 'rejects without a handler',
    end: `Promise.reject(new Error('of the host')); ${wait}`,
    code: 1,
    stderr: /of the host/,
  },
  {
    name: 'exits in a handler of its own exit',
    end: `process.on('exit', () => process.exit(6));`,
    code: 6,
  },
])('a program that counts and $name leaves its count', async ({ end, code, stderr }) => {
  using home = openHome();

  const ended = await runHost(home, `${countQuery} ${end}`, { env });

  expect(ended).toMatchObject({ code, signal: null });
  expect(ended.stderr).toMatch(stderr ?? /^$/);
  expect(readBuffer(home)).toMatchObject({ strayBytes: 0 });
  expect(countsIn(readBuffer(home).frames)).toEqual({ query: '1/0' });
});

const deadlySignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

it.skipIf(process.platform === 'win32').each(deadlySignals)(
  'a program without a handler dies of %s, and leaves its count',
  async (signal) => {
    using home = openHome();
    const host = startHost(home, `${countQuery} ${wait}`, { env });
    await host.printed('counted');

    host.child.kill(signal);

    expect(await host.ended).toMatchObject({ code: null, signal, stderr: '' });
    expect(countsIn(readBuffer(home).frames)).toEqual({ query: '1/0' });
  },
);

it.skipIf(process.platform === 'win32').each(deadlySignals)(
  'a program that sends itself %s as its last act dies of it, and leaves its count',
  async (signal) => {
    using home = openHome();

    const body = `${countQuery} process.kill(process.pid, '${signal}');`;

    expect(await runHost(home, body, { env })).toMatchObject({ code: null, signal });
    expect(countsIn(readBuffer(home).frames)).toEqual({ query: '1/0' });
  },
);

it('a program that listens to beforeExit hears it as often as without us', async () => {
  using home = openHome();
  const body = `${countQuery} process.on('beforeExit', () => process.stdout.write('once'));`;

  expect(await runHost(home, body, { env })).toMatchObject({ code: 0, stdout: 'once' });
});

it.skipIf(process.platform === 'win32').each(deadlySignals)(
  'a program with a handler for %s decides itself, and its counts are left once',
  async (signal) => {
    using home = openHome();
    const body = `
      ${countQuery}
      process.once('${signal}', () => {
        process.stdout.write('handled');
        ${countQuery}
        process.exit(5);
      });
      ${wait}`;
    const host = startHost(home, body, { env });
    await host.printed('counted');

    host.child.kill(signal);

    expect(await host.ended).toMatchObject({ code: 5, signal: null, stdout: 'countedhandled' });
    expect(countsIn(readBuffer(home).frames)).toEqual({ query: '2/0' });
  },
);

it.skipIf(process.platform === 'win32')(
  'a program whose handler lets it live goes on counting',
  async () => {
    using home = openHome();
    const body = `
      ${countQuery}
      const timer = setInterval(() => {}, 1_000);
      process.on('SIGHUP', () => {
        ${countQuery}
        clearInterval(timer);
      });
      process.stdout.write('counted');`;
    const host = startHost(home, body, { env });
    await host.printed('counted');

    host.child.kill('SIGHUP');

    expect(await host.ended).toMatchObject({ code: 0, signal: null });
    expect(countsIn(readBuffer(home).frames)).toEqual({ query: '2/0' });
  },
);

it.skipIf(process.platform === 'win32')(
  'a program with two of us still dies of SIGINT, and leaves the counts of both',
  async () => {
    using home = openHome();
    const body = `
      const second = openTelemetry({ version: '1.6.1' });
      ${countQuery}
      second.count('cli_command', 'sync', { ok: false });
      ${wait}`;
    const host = startHost(home, body, { env });
    await host.printed('counted');

    host.child.kill('SIGINT');

    expect(await host.ended).toMatchObject({ code: null, signal: 'SIGINT', stderr: '' });
    expect(countsIn(readBuffer(home).frames)).toEqual({ query: '1/0', sync: '1/1' });
  },
);

it('a program that is killed in the middle of its work tears no frame', async () => {
  using home = openHome();
  const body = `
    for (;;) {
      telemetry.count('cli_command', 'query');
      telemetry.persist();
      process.stdout.write('.');
    }`;
  const host = startHost(home, body, { env });
  await host.printed('.'.repeat(50));

  host.child.kill('SIGKILL');

  const { signal, stdout } = await host.ended;
  const { frames, strayBytes } = readBuffer(home);
  expect(signal).toBe('SIGKILL');
  expect(strayBytes).toBe(0);
  expect(frames.length).toBeGreaterThanOrEqual(stdout.length);
  expect(countsIn(frames)).toEqual({ query: `${frames.length}/0` });
});

it('a program that counts seldom and is killed hours later has left its counts', async () => {
  using home = openHome();
  // The second count comes right after the append of the first, and then nothing happens any more.
  const body = `
    ${countQuery}
    setTimeout(() => {
      ${countQuery}
      setTimeout(() => process.stdout.write('idle'), 400_000);
    }, 190_000);
    setInterval(() => {}, 1_000);`;
  const lapse = {
    NODE_OPTIONS: preload('time-lapse.mjs'),
    TIME_LAPSE: '600',
    TIME_LAPSE_FROM_MS: '1000',
  };
  const host = startHost(home, body, { env: { ...env, ...lapse } });
  await host.printed('idle');

  host.child.kill('SIGKILL');

  expect((await host.ended).signal).toBe('SIGKILL');
  expect(countsIn(readBuffer(home).frames)).toEqual({ query: '2/0' });
});
