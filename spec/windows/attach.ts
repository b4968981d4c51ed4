import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Ended, type Home, long, npm, openHome, own, run } from './machine.ts';

const commands = ['codegraph', 'codegraph.cmd', 'codegraph.ps1'];
const launcher = '.codegraph-telemetry.cjs';

// npm takes ten seconds for each step under wine.
describe('in the folder where npm has the engine', long, () => {
  let home: Home;
  let prefix: string;

  before(async () => {
    home = openHome();
    prefix = join(home.folder, 'with spaces');
    await install('1.6.1');
  });

  after(() => home[Symbol.dispose]());

  it('`attach` puts the front in the place of each of its commands', async () => {
    const { code, stderr } = await runOwn('attach');
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(namesIn(), [...kept(), ...commands, launcher].toSorted());
    assert.equal(await countedBy(), 'front');
  });

  it('the launcher starts the front, which starts the engine', async () => {
    const program = join(prefix, launcher);
    const ended = await run(home, [program, 'query', 'a b', '--no-telemetry'], settings());
    assert.deepEqual([ended.code, ended.stderr], [7, '']);
    assert.equal(ended.stdout.toString(), 'engine: query|a b');
  });

  it('cmd.exe starts it with the same arguments and exit code', async (t) => {
    const asNpm = await cmd('codegraph-engine query');
    // The line that spares users a question after Ctrl-C is npm's; wine's cmd.exe stops at it.
    const isWine = asNpm.stdout.length === 0;
    if (isWine) rewrite((text) => text.replace(/^endlocal & goto .*? & /m, ''));
    const { code, stdout, stderr } = await cmd('codegraph query "a b" 100');
    assert.deepEqual([code, stderr], [7, '']);
    assert.equal(stdout.toString(), 'engine: query|a b|100');
    t.diagnostic(isWine ? 'without the line against a question after Ctrl-C' : 'as it is written');
  });

  it('an update by npm brings its commands back, and `status` says so', async () => {
    await install('1.6.2');
    assert.equal(await countedBy(), 'engine');
    const { stdout } = await runOwn('status', '--json');
    assert.match(stdout.toString(), /To count it here: codegraph-telemetry attach/);
    assert.equal((await runOwn('attach')).code, 0);
    assert.equal(await countedBy(), 'front');
  });

  it('`detach` brings them back to the byte', async () => {
    const texts = kept().map(read);
    assert.equal((await runOwn('detach')).code, 0);
    assert.deepEqual(commands.map(read), texts);
    assert.deepEqual(namesIn(), commands);
    assert.equal(await countedBy(), 'engine');
  });

  it('nothing is left after npm has removed the engine and `detach`', async () => {
    await runOwn('attach');
    await runNpm('uninstall', '--global', '@colbymchenry/codegraph');
    assert.equal((await runOwn('off')).code, 0);
    assert.equal((await runOwn('detach')).code, 0);
    assert.deepEqual(namesIn(), []);
  });

  /** Has npm install an engine that says how it was called. */
  async function install(version: string): Promise<void> {
    const folder = join(home.folder, `engine-${version}`);
    const name = '@colbymchenry/codegraph';
    const code = `process.stdout.write('engine: ' + process.argv.slice(2).join('|')); process.exitCode = 7;`;
    mkdirSync(folder);
    writeFileSync(join(folder, 'npm-shim.js'), `#!/usr/bin/env node\n${code}\n`);
    const manifest = { name, version, bin: { codegraph: 'npm-shim.js' } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    await runNpm('install', '--global', '--install-links', folder);
  }

  async function runNpm(...args: readonly string[]): Promise<void> {
    const quiet = ['--offline', '--no-audit', '--no-fund', '--no-update-notifier'];
    const { code, stderr } = await run(
      home,
      [npm, ...args, ...quiet, '--prefix', prefix],
      settings(),
    );
    assert.equal(code, 0, stderr);
  }

  async function runOwn(...args: readonly string[]): Promise<Ended> {
    return await run(home, [own, ...args], settings());
  }

  async function cmd(line: string): Promise<Ended> {
    const program = process.env['ComSpec'] ?? 'cmd.exe';
    return await run(home, ['/d', '/s', '/c', `"${line}"`], { ...settings(), program });
  }

  async function countedBy(): Promise<string> {
    const { stdout } = await runOwn('status', '--json');
    const status: { countedBy: { by: string } } = JSON.parse(stdout.toString());
    return status.countedBy.by;
  }

  function settings(): { readonly env: Readonly<Record<string, string>> } {
    const node = dirname(process.execPath);
    return {
      env: {
        PATH: [prefix, node, home.env['PATH'] ?? ''].join(delimiter),
        APPDATA: home.folder,
        CODEGRAPH_TELEMETRY: '1',
      },
    };
  }

  function namesIn(): string[] {
    return readdirSync(prefix).filter((name) => name !== 'node_modules');
  }

  function read(name: string): string {
    return readFileSync(join(prefix, name), 'utf8');
  }

  function rewrite(change: (text: string) => string): void {
    writeFileSync(join(prefix, 'codegraph.cmd'), change(read('codegraph.cmd')));
  }

  function kept(): string[] {
    return commands.map((name) => name.replace('codegraph', 'codegraph-engine'));
  }
});
