import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineProgram } from '../../scripts/set-up/paths.mjs';
import { openHome, type TestHome } from '../support/home.ts';
import {
  type ManagerName,
  managerNames,
  openManager,
  packEngine,
  packFront,
  type PackageManager,
} from '../support/package-managers.ts';
import { type Ended, run } from '../support/programs.ts';

/**
 * Beside the engine for life: whatever is installed, updated or removed, it is known who counts. By one
 * package manager, and by npx; `ORDINARY_LIFE=all` plays the same life by all, which takes minutes.
 */
const managers = process.env['ORDINARY_LIFE'] === 'all' ? managerNames : managerNames.slice(0, 1);

type Counter = 'engine' | 'front';

const engineName = '@colbymchenry/codegraph';
const frontName = 'codegraph-telemetry';

/** Both packages, in two versions each. */
interface Tarballs {
  readonly front: readonly [older: string, newer: string];
  readonly engine: readonly [older: string, newer: string];
}

// Windows has its own: spec/windows/attach.ts.
describe.skipIf(process.platform === 'win32')('beside the engine', () => {
  let home: TestHome;
  let tarballs: Tarballs;

  beforeAll(async () => {
    home = openHome();
    tarballs = {
      front: [await packFront(home, '0.1.0'), await packFront(home, '0.2.0')],
      engine: [await packEngine(home, '1.6.1'), await packEngine(home, '1.6.2')],
    };
  });

  afterAll(() => {
    home[Symbol.dispose]();
  });

  interface Case {
    readonly what: string;
    readonly act: (life: Life) => Promise<unknown>;
    /** Who counts afterwards. */
    readonly by: Counter | Readonly<Record<'npm' | 'pnpm', Counter>>;
    /** The engine's version. */
    readonly version: '1.6.1' | '1.6.2';
    readonly only?: readonly ManagerName[];
  }

  const attach = (life: Life): Promise<unknown> => life.own('attach');
  const detach = (life: Life): Promise<unknown> => life.own('detach');
  const local: readonly ManagerName[] = ['npm', 'pnpm'];

  const cases: readonly Case[] = [
    {
      what: 'both are installed',
      act: ({ manager }) => manager.install(tarballs.engine[0], tarballs.front[0]),
      by: 'engine',
      version: '1.6.1',
    },
    { what: 'attach', act: attach, by: 'front', version: '1.6.1' },
    { what: 'a second attach', act: attach, by: 'front', version: '1.6.1', only: ['npm -g'] },
    {
      what: 'an update of the engine',
      act: ({ manager }) => manager.install(tarballs.engine[1]),
      by: 'engine',
      version: '1.6.2',
    },
    { what: 'attach after that', act: attach, by: 'front', version: '1.6.2' },
    {
      what: 'an update of the front',
      act: ({ manager }) => manager.install(tarballs.front[1]),
      by: { npm: 'front', pnpm: 'engine' },
      version: '1.6.2',
    },
    {
      what: 'a downgrade of the front',
      act: ({ manager }) => manager.install(tarballs.front[0]),
      by: { npm: 'front', pnpm: 'engine' },
      version: '1.6.2',
    },
    {
      what: 'an upgrade by the engine, through the front',
      act: upgrade,
      by: 'front',
      version: '1.6.2',
      only: ['npm -g'],
    },
    {
      what: 'a downgrade of the engine',
      act: ({ manager }) => manager.install(tarballs.engine[0]),
      by: 'engine',
      version: '1.6.1',
    },
    { what: 'attach after that too', act: attach, by: 'front', version: '1.6.1' },
    {
      what: 'a fresh install from the lock file',
      act: ({ manager }) => manager.installFromLock(),
      by: 'engine',
      version: '1.6.1',
      only: local,
    },
    { what: 'attach in the fresh one', act: attach, by: 'front', version: '1.6.1', only: local },
    { what: 'detach', act: detach, by: 'engine', version: '1.6.1' },
    { what: 'a second detach', act: detach, by: 'engine', version: '1.6.1', only: ['npm -g'] },
    { what: 'a last attach', act: attach, by: 'front', version: '1.6.1' },
  ];

  describe.each(managers)('by %s', (name) => {
    let life: Life;

    beforeAll(async () => {
      life = openLife(await openManager(home, name));
    });

    const isPnpm = name.startsWith('pnpm');
    const ofManager = cases
      .filter(({ only }) => only?.includes(name) ?? true)
      // pnpm writes the commands of all packages anew, whichever it installs.
      .map((row) => ({
        ...row,
        by: typeof row.by === 'string' ? row.by : row.by[isPnpm ? 'pnpm' : 'npm'],
      }));

    it.each(ofManager)(
      'codegraph works after $what: the $by counts, and status says so',
      async ({ act, by, version }) => {
        await act(life);

        expect(await life.codegraph('version')).toMatchObject({ code: 0, stdout: `${version}\n` });
        expect(await life.countedBy()).toEqual({ by, version, warns: by === 'engine' });
      },
    );

    it('codegraph is the engine after a removal of the front', async () => {
      await life.manager.remove(frontName);

      expect(existsSync(join(life.manager.bin, frontName))).toBe(false);
      const works = { code: 0, stdout: expect.stringMatching(/^1\.6\./), stderr: '' };
      expect(await life.codegraph('version')).toMatchObject(works);
      // Where the front's launcher is left, it knows the option; the engine itself rejects it.
      const withOption = await life.codegraph('version', '--no-telemetry');
      expect(withOption).toMatchObject(isPnpm ? { code: 1 } : works);
    });

    it('status says who counts after the front is back', async () => {
      await life.manager.install(tarballs.front[1]);

      const { by, warns } = await life.countedBy();
      expect({ by, warns }).toEqual(
        isPnpm ? { by: 'engine', warns: true } : { by: 'front', warns: false },
      );
      await life.own('attach');
    });

    it('there is a way to off after a removal of the engine, and detach leaves nothing', async () => {
      await life.manager.remove(engineName);

      expect((await life.own('off')).code).toBe(0);
      expect((await life.countedBy()).version).toBe('none');
      await life.own('detach');
      const left = ['codegraph', 'codegraph-engine', '.codegraph-telemetry'].filter((file) =>
        existsSync(join(life.manager.bin, file)),
      );
      expect(left).toEqual([]);
      expect(await life.own('attach')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('npm install -g @colbymchenry/codegraph'),
      });
    });
  });

  describe('by npx', () => {
    let life: Life;

    beforeAll(async () => {
      life = openLife(await openManager(home, 'npm', 'npx'));
    });

    const npx = async (...args: readonly string[]): Promise<Ended> => {
      const { env } = life.manager;
      const packages = [tarballs.engine[0], tarballs.front[0]].map((path) => `--package=${path}`);
      const line = ['exec', '--yes', ...packages, '--', ...args];
      return await run(machineProgram('npm'), line, { env, cwd: home.project });
    };

    it('status says that the engine counts, until attach', async () => {
      const before = await npx('codegraph-telemetry', 'status', '--json');
      expect(readCountedBy(before)).toEqual({ by: 'engine', version: '1.6.1', warns: true });

      expect(await npx('codegraph-telemetry', 'attach')).toMatchObject({ code: 0 });
      const after = await npx('codegraph-telemetry', 'status', '--json');
      expect(readCountedBy(after)).toEqual({ by: 'front', version: '1.6.1', warns: false });
      expect(await npx('codegraph', 'version')).toMatchObject({ code: 0, stdout: '1.6.1\n' });
    });
  });

  /** The engine's `upgrade` asks npm for a version by its number; here npm has it from a file. */
  async function upgrade({ manager }: Life): Promise<void> {
    const bin = join(home.root, 'upgrading');
    mkdirSync(bin);
    const script = `#!/bin/sh
case "$*" in *@colbymchenry/codegraph@*) set -- install -g '${tarballs.engine[1]}';; esac
exec '${machineProgram('npm')}' "$@"
`;
    writeFileSync(join(bin, 'npm'), script, { mode: 0o755 });
    const env = { ...manager.env, PATH: [bin, manager.env['PATH']].join(delimiter) };
    const command = join(manager.bin, 'codegraph');
    const { code, stderr } = await run(command, ['upgrade', '1.6.2'], { env, cwd: home.root });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('codegraph-telemetry took its place again'),
    });
  }
});

/** Both commands, as a person with this package manager runs them. */
interface Life {
  readonly manager: PackageManager;
  codegraph(...args: readonly string[]): Promise<Ended>;
  own(...args: readonly string[]): Promise<Ended>;
  countedBy(): Promise<CountedBy>;
}

function openLife(manager: PackageManager): Life {
  const { bin, env } = manager;
  const start =
    (command: string) =>
    (...args: readonly string[]) =>
      run(join(bin, command), args, { env });
  const own = start(frontName);
  return {
    manager,
    codegraph: start('codegraph'),
    own,
    countedBy: async () => readCountedBy(await own('status', '--json')),
  };
}

/** What `status` says: who counts, the engine's version, and whether it says how to change that. */
interface CountedBy {
  readonly by: string;
  readonly version: string;
  readonly warns: boolean;
}

function readCountedBy({ stdout }: Ended): CountedBy {
  const { countedBy } = JSON.parse(stdout) as {
    countedBy: { by: string; warning: string | null; engine: { version: string } | null };
  };
  return {
    by: countedBy.by,
    version: countedBy.engine?.version ?? 'none',
    warns: countedBy.warning?.includes('codegraph-telemetry attach') ?? false,
  };
}
