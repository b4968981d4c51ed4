import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { choose, homeWith, ledgerIn } from '../spec/support/flushes.ts';
import { frameOf, queries } from '../spec/support/frames.ts';
import { fileUrl, runProgram } from '../spec/support/programs.ts';
import { temporaryPaths } from '../spec/support/home.ts';
import type { ConsentPaths } from '../contract/consent.ts';

/** What a host prints that has mounted the command, as it is published. */
async function run(paths: ConsentPaths, ...words: readonly string[]) {
  return await runProgram(`
    import { Command } from ${JSON.stringify(fileUrl('node_modules/commander/esm.mjs'))};
    import { openTelemetry } from ${JSON.stringify(fileUrl('dist/index.js'))};
    import { addTelemetryCommand } from ${JSON.stringify(fileUrl('dist/hosts.js'))};
    const program = new Command('host').exitOverride();
    const paths = ${JSON.stringify(paths)};
    addTelemetryCommand(program, openTelemetry({ version: '1.6.1', paths, env: {} }));
    await program.parseAsync(${JSON.stringify(words)}, { from: 'user' });`);
}

describe('a host’s own program', () => {
  it('stores a choice, and tells it, about the files of that host', async () => {
    const paths = temporaryPaths();
    const { code, stdout } = await run(paths, 'telemetry', 'local');
    expect(code).toBe(0);
    expect(stdout).toContain('Telemetry is local.');
    const { stdout: json } = await run(paths, 'telemetry', '--json');
    expect(JSON.parse(json)).toMatchObject({
      mode: 'local',
      paths: { choice: join(paths.dataDir, 'telemetry.json') },
    });
  });

  it('shows what is recorded, and leaves it there', async () => {
    const paths = homeWith(frameOf(20_780, [queries(3)]));
    choose(paths, { enabled: true });
    const { code, stdout } = await run(paths, 'telemetry', 'show');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('query') });
    expect(ledgerIn(paths)).toBeUndefined();
  });

  it('ends with 1 and a word on stderr when it does not know the word', async () => {
    const { code, stdout, stderr } = await run(temporaryPaths(), 'telemetry', 'nonsense');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain("unknown command 'nonsense'");
  });
});
