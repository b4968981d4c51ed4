import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureFile, receiptsFile } from '../../contract/files.ts';
import { runFront } from '../support/command.ts';
import { openHome, type TestHome, writeChoice } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt } from '../support/host.ts';

/** A file of ours may have been written by somebody else, for the terminal that it is shown on. */

// Changes the title, clears the screen in both spellings, turns the line around, and hides.
const escapes = '\u001B]0;owned\u0007\u001B[2J\u009B2J\u202E\u200B\r';

const day = '2026-11-22T12:00:00.000Z';
const usage = { kind: 'cli_command', name: `query${escapes}`, count: 1, error_count: 0 };
const bodies = [
  escapes,
  '7',
  JSON.stringify({ machine_id: `id${escapes}`, events: [] }),
  JSON.stringify({ machine_id: 'id', events: [{ event: 'usage_rollup', ts: day, props: usage }] }),
];

function plantText({ folder, spool }: TestHome): void {
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  const receipts = bodies.map((body) =>
    JSON.stringify({ accepted_at: `now${escapes}`, batch_id: escapes, body }),
  );
  writeFileSync(join(folder, receiptsFile), `${receipts.join('\n')}\n`);
  writeFileSync(join(folder, failureFile), JSON.stringify({ at: escapes, reason: escapes }));
}

describe('no escape sequence of a file reaches the terminal from', () => {
  it.each(['status', 'log', 'show', 'usage', 'off'])('`codegraph telemetry %s`', async (word) => {
    using home = openHome();
    plantText(home);
    const more = { env: { CODEGRAPH_TELEMETRY: '1' } };
    const json = await runFront(home, ['telemetry', word, '--json'], more);
    expect(() => JSON.parse(json.stdout) as unknown).not.toThrow();
    plantText(home);
    const text = await runFront(home, ['telemetry', word], more);
    for (const { code, stdout, stderr } of [json, text]) {
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});

it('a receipt is in JSON what it is in the file, to the byte', async () => {
  using home = openHome();
  plantText(home);
  const { stdout } = await runFront(home, ['telemetry', 'log', '--json']);
  const log = JSON.parse(stdout) as readonly { readonly body: string }[];
  expect(log.map(({ body }) => body)).toEqual(bodies.toReversed());
});

describe('`status` warns of a variable that is stronger than the choice', () => {
  it.each(['off', 'local'])('%s', async (wish) => {
    using home = openHome();
    await runFront(home, ['telemetry', wish]);
    expect(await warningIn(home, '1')).toContain(
      `CODEGRAPH_TELEMETRY turns telemetry on, although your choice is ${wish}`,
    );
    expect(await warningIn(home, '')).toBeNull();
  });

  it('also when it has left something, which `off` deletes', async () => {
    using home = openHome();
    writeChoice(home, '{"enabled":false}');
    await countAt(home, Date.now());
    expect(await warningIn(home, '')).toContain('something is stored, although your choice is off');
    await runFront(home, ['telemetry', 'off']);
    expect(await warningIn(home, '')).toBeNull();
    expect(listFiles(home.folder)).toEqual(['telemetry.json']);
  });
});

async function warningIn(home: TestHome, variable: string): Promise<string | null> {
  const env = { CODEGRAPH_TELEMETRY: variable };
  const { stdout } = await runFront(home, ['telemetry', 'status', '--json'], { env });
  return (JSON.parse(stdout) as { readonly warning: string | null }).warning;
}
