import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countsIn, readBuffer } from '../support/buffer.ts';
import { beside, isShort, openHome, programOf, rowsOf, run, start } from './machine.ts';

const open = "const telemetry = openTelemetry({ version: '1.6.1' });";
const count = "telemetry.count('cli_command', 'query', { ok: true });";
const on = { CODEGRAPH_TELEMETRY: '1' };

describe('counts are in the buffer when a program', beside, () => {
  const ends: Readonly<Record<string, readonly [code: string, exitCode: number]>> = {
    'comes to its end': ['', 0],
    'calls process.exit': ['process.exit(3);', 3],
    'sets an exit code': ['process.exitCode = 4;', 4],
    'throws an error': ["throw new Error('of the host');", 1],
    'rejects and listens to nothing': ["void Promise.reject(new Error('of the host'));", 1],
  };
  for (const [name, [ending, exitCode]] of rowsOf(ends, [
    'calls process.exit',
    'throws an error',
  ])) {
    it(name, async () => {
      using home = openHome();
      const program = programOf(home, `${open}\n${count}\n${count}\n${ending}`);
      const { code, stdout } = await run(home, [program], { env: on });
      assert.equal(code, exitCode);
      assert.equal(stdout.length, 0);
      const { frames, strayBytes } = readBuffer({ folder: home.dataDir });
      assert.deepEqual([countsIn(frames), strayBytes], [{ query: '2/0' }, 0]);
    });
  }
});

it('every count of many programs that end at once is in the buffer, once', async (t) => {
  const programs = isShort ? 8 : 200;
  const atOnce = 24;
  using home = openHome();
  const program = programOf(home, `${open}\n${count}`);
  for (let done = 0; done < programs; done += atOnce) {
    const round = Math.min(atOnce, programs - done);
    const ended = Array.from({ length: round }, () => start(home, [program], { env: on }).ended);
    const codes = new Set((await Promise.all(ended)).map(({ code }) => code));
    assert.deepEqual([...codes], [0]);
  }
  const { frames, strayBytes } = readBuffer({ folder: home.dataDir });
  assert.deepEqual([countsIn(frames), strayBytes], [{ query: `${programs}/0` }, 0]);
  t.diagnostic(`${programs} of ${programs} counts`);
});
