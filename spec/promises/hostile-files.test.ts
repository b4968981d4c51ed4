import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ledgerFile, lockFile, noticeFile, receiptsFile } from '../../contract/files.ts';
import { runFront } from '../support/command.ts';
import { openHome } from '../support/home.ts';

/** Below `~/.codegraph` a name is no proof of what stands there. */

// A FIFO blocks whoever opens it to read, for ever and deaf to most signals.
describe.skipIf(process.platform === 'win32')('a FIFO in the place of a file', () => {
  const names = [ledgerFile, receiptsFile, noticeFile, lockFile, 'telemetry.json'];
  it.each(names.flatMap((name) => ['status', 'log'].map((command) => [name, command] as const)))(
    '%s does not keep `codegraph telemetry %s` from answering',
    async (name, command) => {
      using home = openHome();
      const path = join(home.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      execFileSync('mkfifo', [path]);
      const { code, stdout } = await runFront(home, ['telemetry', command, '--json']);
      expect([code, JSON.parse(stdout)]).toEqual([0, expect.anything()]);
    },
  );
});
