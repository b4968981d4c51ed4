import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settings } from '../support/command.ts';
import { newHome, type TestHome } from '../support/home.ts';
import { copyPackage } from '../support/package-copy.ts';
import { modules } from '../support/paths.ts';
import { run } from '../support/programs.ts';

/** The front starts wherever the engine's own command starts. */

// On Windows a link to a folder needs a right that not every user has.
describe.skipIf(process.platform === 'win32')('without the platform package, the front', () => {
  const bundle = `${process.platform}-${process.arch}`;

  it.each(['.codegraph', 'elsewhere'])(
    'runs a bundle that the engine has put in %s',
    async (name) => {
      const home = newHome();
      const { front } = installEngine(home);
      const folder = join(home.home, name);
      mkdirSync(join(folder, 'bundles'), { recursive: true });
      symlinkSync(
        join(modules, '@colbymchenry', `codegraph-${bundle}`),
        join(folder, 'bundles', `${bundle}-1.6.1`),
      );
      const env = { ...quiet, ...(name !== '.codegraph' && { CODEGRAPH_INSTALL_DIR: folder }) };

      const ended = await run(process.execPath, [front, 'version'], settings(home, { env }));

      expect(ended).toMatchObject({ code: 0, stdout: '1.6.1\n' });
    },
  );

  it('ends as the engine’s own command does when there is no bundle', async () => {
    const home = newHome();
    const { front, shim } = installEngine(home);

    const [ours, own] = await Promise.all(
      [front, shim].map((file) =>
        run(process.execPath, [file, 'version'], settings(home, { env: quiet })),
      ),
    );

    expect(ours).toEqual(own);
    expect(ours?.stderr).toContain('CODEGRAPH_NO_DOWNLOAD is set');
  });

  const quiet = {
    CODEGRAPH_NO_DOWNLOAD: '1',
    CODEGRAPH_NO_UPDATE_CHECK: '1',
    CODEGRAPH_TELEMETRY: '0',
  };

  /** The engine's package beside a copy of ours, without the bundle for this platform. */
  function installEngine(home: TestHome): { readonly front: string; readonly shim: string } {
    const front = copyPackage(home);
    const name = join('@colbymchenry', 'codegraph');
    const folder = join(dirname(dirname(front)), 'node_modules', name);
    cpSync(join(modules, name), folder, { recursive: true });
    return { front, shim: join(folder, 'npm-shim.js') };
  }
});
