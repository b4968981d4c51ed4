import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { countsIn, readBuffer } from '../support/buffer.ts';
import { awkwardBytes, reply, request } from '../support/mcp/bytes.ts';
import { beside, front, type Home, isShort, long, openHome, run } from './machine.ts';

/** An engine whose command `name` is this code: Node runs the file that the command names. */
function engineOf(home: Home, name: string, code: string): Record<string, string> {
  writeFileSync(join(home.folder, name), code);
  return { CODEGRAPH_ENGINE: process.execPath };
}

describe('the front', beside, () => {
  const on = { CODEGRAPH_TELEMETRY: '1' };

  for (const exitCode of isShort ? [7] : [0, 1, 7, 255]) {
    it(`ends with ${exitCode} as its engine does, and counts that`, async () => {
      using home = openHome();
      const code = `process.stdout.write(process.argv.slice(2).join('|')); process.exitCode = ${exitCode};`;
      const env = { ...engineOf(home, 'query', code), ...on };
      const ended = await run(home, [front, 'query', 'a b', '"c"', 'ü\\'], { env });
      assert.deepEqual([ended.code, ended.stderr], [exitCode, '']);
      assert.equal(ended.stdout.toString(), 'a b|"c"|ü\\');
      const counts = countsIn(readBuffer({ folder: home.dataDir }).frames);
      assert.deepEqual(counts, { query: exitCode === 0 ? '1/0' : '1/1' });
    });
  }

  it('starts a program that is none of Node', async () => {
    using home = openHome();
    const env = { CODEGRAPH_ENGINE: process.env['ComSpec'] ?? 'cmd.exe', ...on };
    const { code } = await run(home, [front, '/d', '/c', 'exit', '9'], { env });
    assert.equal(code, 9);
  });

  it('says so when its engine cannot be started', long, async () => {
    using home = openHome();
    const env = { CODEGRAPH_ENGINE: join(home.folder, 'gone.exe'), ...on };
    const { code, stderr } = await run(home, [front, 'query'], { env });
    assert.equal(code, 127);
    assert.match(stderr, /gone\.exe cannot be started/);
  });
});

describe('a server behind the tap gives and takes the same bytes as without one:', beside, () => {
  // Answers with what it reads, to the byte.
  const echo = 'process.stdin.pipe(process.stdout);';
  const session = Buffer.from([1, 2, 3].map((id) => `${request(id)}\n${reply(id)}\n`).join(''));
  const awkward = isShort ? [] : awkwardBytes;
  for (const [what, stdin] of [...awkward, ['a session', session] as const]) {
    it(what, async () => {
      using home = openHome();
      const env = engineOf(home, 'serve', echo);
      for (const choice of ['1', '0']) {
        const ended = await run(home, [front, 'serve', '--mcp'], {
          env: { ...env, CODEGRAPH_TELEMETRY: choice },
          stdin,
        });
        assert.deepEqual([ended.code, ended.stderr], [0, '']);
        assert.equal(ended.stdout.toString('latin1'), Buffer.from(stdin).toString('latin1'));
      }
    });
  }

  it('and its calls are counted', async () => {
    using home = openHome();
    const env = { ...engineOf(home, 'serve', echo), CODEGRAPH_TELEMETRY: '1' };
    await run(home, [front, 'serve', '--mcp'], { env, stdin: session });
    const counts = countsIn(readBuffer({ folder: home.dataDir }).frames);
    assert.deepEqual(counts, { codegraph_explore: '3/0', serve: '1/0' });
  });
});
