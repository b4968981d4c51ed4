import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { countsIn, readBuffer } from '../support/buffer.ts';
import { beside, front, long, openHome, programOf, rowsOf, run, writeChoice } from './machine.ts';

const counting = "openTelemetry({ version: '1.6.1' }).count('cli_command', 'query');";
const on = { CODEGRAPH_TELEMETRY: '1' };

const names = {
  spaces: 'Ada Lovelace  of London',
  'letters of other alphabets': 'Jürgen Ωμέγα 家 Ж',
  'characters of shells': "a&b (c) 'd' %e% ^f!",
};

describe('a home is used whose name has', beside, () => {
  for (const [what, name] of rowsOf(names, ['letters of other alphabets'])) {
    it(what, async () => {
      using home = openHome(name);
      const { code, stderr } = await run(home, [programOf(home, counting)], { env: on });
      assert.deepEqual([code, stderr], [0, '']);
      assert.deepEqual(countsIn(readBuffer({ folder: home.dataDir }).frames), { query: '1/0' });
      const status = await run(home, [front, 'telemetry', 'status', '--json'], { env: on });
      const { paths }: { paths: { spool: string } } = JSON.parse(status.stdout.toString());
      assert.equal(paths.spool, home.spool);
    });
  }
});

describe(
  'a path is printed with one kind of separator by `telemetry',
  { ...long, ...beside },
  () => {
    for (const subcommand of ['status', 'status --json', 'show', 'log']) {
      it(`${subcommand}\``, async () => {
        using home = openHome();
        await run(home, [programOf(home, counting)], { env: on });
        const args = [front, 'telemetry', ...subcommand.split(' ')];
        const { code, stdout } = await run(home, args, { env: on });
        assert.equal(code, 0);
        const paths = stdout.toString().match(/[A-Z]:\\[^,"\n]*/g) ?? [];
        assert.equal(paths.length > 0, subcommand.startsWith('status'));
        assert.deepEqual(
          paths.filter((path) => path.includes('/')),
          [],
        );
      });
    }
  },
);

describe('where a file is read-only,', beside, () => {
  it('`telemetry off` is stored in the choice', long, async () => {
    using home = openHome();
    writeChoice(home, { enabled: true });
    const path = join(home.dataDir, 'telemetry.json');
    chmodSync(path, 0o444);
    try {
      const { code, stderr } = await run(home, [front, 'telemetry', 'off']);
      assert.deepEqual([code, stderr], [0, '']);
      const status = await run(home, [front, 'telemetry', 'status', '--json']);
      assert.match(status.stdout.toString(), /"mode":\s*"off"/);
    } finally {
      chmodSync(path, 0o666);
    }
  });

  it('`telemetry off` deletes the buffer', async () => {
    using home = openHome();
    await run(home, [programOf(home, counting)], { env: on });
    chmodSync(join(home.spool, 'buffer.msgpack'), 0o444);
    const { code, stderr } = await run(home, [front, 'telemetry', 'off']);
    assert.deepEqual([code, stderr, existsSync(home.spool)], [0, '', false]);
  });

  it('a program that counts ends as it would with telemetry off', long, async () => {
    using home = openHome();
    await run(home, [programOf(home, counting)], { env: on });
    chmodSync(join(home.spool, 'buffer.msgpack'), 0o444);
    const { code, stdout, stderr } = await run(home, [programOf(home, counting)], { env: on });
    assert.deepEqual([code, stdout.toString(), stderr], [0, '', '']);
  });
});
