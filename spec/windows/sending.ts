import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { dayOf } from '../../contract/day.ts';
import { encodeFrame, frameKinds } from '../../contract/frame.ts';
import { callsOf, listen, type Listener } from './listener.ts';
import { front, type Home, long, openHome, programOf, run, start, until } from './machine.ts';

const yesterday = '() => Date.now() - 86_400_000';

/** Counts one use of `query` a day ago. */
function countYesterday(home: Home): string {
  const options = `{ version: '1.6.1', now: ${yesterday} }`;
  return programOf(home, `openTelemetry(${options}).count('cli_command', 'query');`);
}

/** Flushes once and prints the outcome. */
function flush(home: Home): string {
  return programOf(
    home,
    `const { outcome, detail } = await openTelemetry({ version: '1.6.1' }).flush({ timeoutMs: 60_000 });
    process.stdout.write(outcome + (detail ?? ''));`,
  );
}

function sendingTo({ endpoint }: Listener): Record<string, string> {
  return { CODEGRAPH_TELEMETRY: '1', CODEGRAPH_TELEMETRY_ENDPOINT: endpoint };
}

describe('a flush', () => {
  it('rolls up in the sandbox, sends from its thread, and leaves a receipt', async () => {
    using home = openHome();
    await using listener = await listen();
    const env = sendingTo(listener);
    await run(home, [countYesterday(home)], { env });
    const { stdout, stderr } = await run(home, [flush(home)], { env });
    assert.equal(`${stdout.toString()}${stderr}`, 'sent');
    assert.equal(callsOf(listener.reports, 'query'), 1);
    assert.equal(listener.reports[0]?.os, 'win32');
    const log = await run(home, [front, 'telemetry', 'log', '--json'], { env });
    assert.equal(log.code, 0);
    assert.match(log.stdout.toString(), /usage_rollup/);
  });

  it('loses no count of programs that have the file open before and after it', long, async () => {
    using home = openHome();
    await using listener = await listen();
    const env = sendingTo(listener);
    mkdirSync(home.spool, { recursive: true });
    // As an exiting process opens it; it is suspended, and writes after the flush has the file.
    const files = Array.from({ length: 5 }, () =>
      openSync(join(home.spool, 'buffer.msgpack'), 'a'),
    );
    append(files[0] ?? 0);
    const first = await run(home, [flush(home)], { env });
    assert.match(first.stdout.toString(), /^(?:sent|nothing-to-send)$/);
    for (const file of files) append(file);
    for (const file of files) closeSync(file);
    const second = await run(home, [flush(home)], { env });
    assert.equal(second.stdout.toString(), 'sent', second.stderr);
    assert.equal(callsOf(listener.reports, 'query'), 1 + files.length);
  });

  it('beside programs that end loses none of their counts', long, async (t) => {
    const rounds = 4;
    const programs = 6;
    using home = openHome();
    await using listener = await listen();
    const env = sendingTo(listener);
    for (let round = 0; round < rounds; round++) {
      const counting = countYesterday(home);
      await Promise.all([
        ...Array.from({ length: programs }, () => run(home, [counting], { env })),
        run(home, [flush(home)], { env }),
      ]);
    }
    const { stdout } = await run(home, [flush(home)], { env });
    assert.match(stdout.toString(), /^(?:sent|nothing-to-send)$/);
    assert.equal(callsOf(listener.reports, 'query'), rounds * programs);
    t.diagnostic(`${rounds * programs} of ${rounds * programs} counts arrived`);
  });
});

function append(file: number): void {
  const counters = [[frameKinds.cli_command, 'query', 1, 0]] as const;
  writeSync(file, encodeFrame({ day: dayOf(Date.now()) - 1, counters, events: [], dropped: 0 }));
}

describe('`telemetry off` beside', () => {
  it('a program that counts deletes everything, and nothing comes back', async () => {
    using home = openHome();
    const stop = join(home.folder, 'stop');
    const code = `
      import { existsSync } from 'node:fs';
      const telemetry = openTelemetry({ version: '1.6.1' });
      setInterval(() => {
        telemetry.count('cli_command', 'query');
        telemetry.persist();
        if (existsSync(${JSON.stringify(stop)})) process.exit();
      }, 20);`;
    assert.equal((await run(home, [front, 'telemetry', 'on'])).code, 0);
    const program = start(home, [programOf(home, code)]);
    await until(() => existsSync(join(home.spool, 'buffer.msgpack')));
    const off = await run(home, [front, 'telemetry', 'off']);
    assert.equal(off.code, 0, off.stderr);
    writeFileSync(stop, '');
    assert.equal((await program.ended).code, 0);
    assert.equal(existsSync(home.spool), false);
  });

  // Where a file that is open keeps its name, as under wine and on some network drives, the folder
  // cannot go. That is told, and the next `off` ends it.
  it(
    'a program that has the buffer open deletes everything, or says what is left',
    long,
    async (t) => {
      using home = openHome();
      assert.equal((await run(home, [front, 'telemetry', 'on'])).code, 0);
      mkdirSync(home.spool, { recursive: true });
      const file = openSync(join(home.spool, 'buffer.msgpack'), 'a');
      try {
        append(file);
        const { code, stderr } = await run(home, [front, 'telemetry', 'off']);
        if (code !== 0) assert.match(stderr, /the counts could not be deleted/);
        t.diagnostic(`off ended with ${code}`);
      } finally {
        closeSync(file);
      }
      const status = await run(home, [front, 'telemetry', 'status', '--json']);
      assert.match(status.stdout.toString(), /"mode":\s*"off"/);
      assert.equal((await run(home, [front, 'telemetry', 'off'])).code, 0);
      assert.equal(existsSync(home.spool), false);
    },
  );
});
