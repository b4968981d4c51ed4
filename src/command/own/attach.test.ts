import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../spec/support/home.ts';
import { run } from '../../../spec/support/programs.ts';
import { attach, detach } from './attach.ts';
import { findFirstPlace, isAttached } from './place.ts';

/**
 * Windows as far as it can be tried anywhere: which files there are, and the launcher, which is a
 * program of Node. spec/windows has the rest. On other systems, see own-ordinary-life.test.ts.
 */
const shim = 'node_modules/@colbymchenry/codegraph/npm-shim.js';
const commands = {
  codegraph: `#!/bin/sh\nexec node  "$basedir/${shim}" "$@"\n`,
  'codegraph.cmd': `"%_prog%"  "%dp0%\\${shim.replaceAll('/', '\\')}" %*\r\n`,
  'codegraph.ps1': `& "node$exe"  "$basedir/${shim}" $args\n`,
};

/** A folder as npm has made it on Windows, with an engine that says how it was called. */
function lay(): { prefix: string; env: NodeJS.ProcessEnv } {
  const prefix = temporaryFolder();
  mkdirSync(join(prefix, 'node_modules', '@colbymchenry', 'codegraph'), { recursive: true });
  writeFileSync(
    join(prefix, shim),
    `console.log(process.argv.slice(2).join('|'), process.env.CODEGRAPH_TELEMETRY); process.exit(7);`,
  );
  for (const [name, text] of Object.entries(commands)) writeFileSync(join(prefix, name), text);
  return { prefix, env: { PATH: `${temporaryFolder()};${prefix}` } };
}

const namesIn = (folder: string): string[] => readdirSync(folder).toSorted();

describe('on Windows', () => {
  it('attach replaces every command of the engine, and detach brings each back', () => {
    const { prefix, env } = lay();
    const before = namesIn(prefix);

    expect(attach(env, 'win32').ok).toBe(true);
    expect(attach(env, 'win32').message).toContain('attached already');
    expect(namesIn(prefix)).toEqual(
      [
        ...before,
        '.codegraph-telemetry.cjs',
        'codegraph-engine',
        'codegraph-engine.cmd',
        'codegraph-engine.ps1',
      ].toSorted(),
    );
    for (const [name, text] of Object.entries(commands)) {
      const kept = name.replace('codegraph', 'codegraph-engine');
      expect(readFileSync(join(prefix, kept), 'utf8')).toBe(text);
      expect(readFileSync(join(prefix, name), 'utf8')).toContain('.codegraph-telemetry.cjs');
    }

    expect(detach(env, 'win32').ok).toBe(true);
    expect(detach(env, 'win32').message).toContain('not attached');
    expect(namesIn(prefix)).toEqual(before);
    for (const [name, text] of Object.entries(commands)) {
      expect(readFileSync(join(prefix, name), 'utf8')).toBe(text);
    }
  });

  it('attach takes the place again after npm has written the engine’s commands', () => {
    const { prefix, env } = lay();
    attach(env, 'win32');
    for (const [name, text] of Object.entries(commands)) writeFileSync(join(prefix, name), text);

    const place = findFirstPlace(env, 'win32');
    expect(place && isAttached(place)).toBe(false);
    expect(attach(env, 'win32').ok).toBe(true);
    expect(place && isAttached(place)).toBe(true);
    expect(readFileSync(join(prefix, 'codegraph-engine.cmd'), 'utf8')).toBe(
      commands['codegraph.cmd'],
    );
  });

  it('attach takes nothing from a command that is none of the engine’s', () => {
    const { prefix, env } = lay();
    writeFileSync(join(prefix, 'codegraph.cmd'), '@echo another\r\n');
    const before = namesIn(prefix);

    expect(attach(env, 'win32')).toMatchObject({ ok: false });
    expect(namesIn(prefix)).toEqual(before);
  });

  it.each([
    ['query|a b 0', ['query', '--no-telemetry', 'a b']],
    ['query|--|--no-telemetry undefined', ['query', '--', '--no-telemetry']],
  ])('without our package the launcher runs the engine: %s', async (expected, args) => {
    const { prefix, env } = lay();
    attach(env, 'win32');

    // In the sources there is no codegraph.js beside attach.ts, as if it were removed.
    const launcher = join(prefix, '.codegraph-telemetry.cjs');
    const ended = await run(process.execPath, [launcher, ...args], { env: {} });

    expect(ended).toMatchObject({ code: 7, stdout: `${expected}\n`, stderr: '' });
  });

  it('without both, the launcher says how to install the engine', async () => {
    const { prefix, env } = lay();
    attach(env, 'win32');
    rmSync(join(prefix, shim));

    const ended = await run(process.execPath, [join(prefix, '.codegraph-telemetry.cjs')], {
      env: {},
    });

    expect(ended.code).toBe(127);
    expect(ended.stderr).toContain('npm install -g @colbymchenry/codegraph');
  });

  it('detach removes what an update and a removal of the engine have left', () => {
    const { prefix, env } = lay();
    attach(env, 'win32');
    for (const name of Object.keys(commands)) rmSync(join(prefix, name));

    expect(detach(env, 'win32').message).toContain('Removed what was left');
    expect(namesIn(prefix)).toEqual(['node_modules']);
  });
});
