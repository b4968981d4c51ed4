import { EventEmitter, once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { choiceFileName } from '../../contract/files.ts';
import { dayMs } from '../support/clock.ts';
import { runFront } from '../support/command.ts';
import { isPrivate, openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt, countQuery, flushAt, startHost, tell } from '../support/host.ts';
import { parseReport, startIngest } from '../support/ingest.ts';

/** Turning telemetry off deletes all that was counted, and reaches whatever is running. */

it('`telemetry off` deletes everything but the choice', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  await runFront(home, ['telemetry', 'on']);
  await countAt(home, Date.now() - dayMs);
  await flushAt(home, Date.now(), ingest.place);
  await countAt(home, Date.now());
  for (const name of ['lock', 'ledger.damaged.json', 'ledger.json.abc.tmp', 'notice.json']) {
    writeFileSync(join(home.spool, name), 'x');
  }
  const left = listFiles(home.spool).join(' ');
  expect(left).toMatch(/buffer\.msgpack claim-\S+ ledger.*ledger\.json.*lock.*receipts\.jsonl/);

  const off = await runFront(home, ['telemetry', 'off']);

  expect(off).toMatchObject({ code: 0, stderr: '' });
  expect(listFiles(home.folder)).toEqual([choiceFileName]);
  expect(readChoice(home)).toMatchObject({ enabled: false, machine_id: null });
});

it('a program that is counting hears of it, and writes nothing when it ends', async () => {
  using home = openHome();
  await runFront(home, ['telemetry', 'on']);
  const body = `${countQuery} telemetry.persist(); ${countQuery} process.stdout.write('counted');
    await told(); ${countQuery}`;
  const host = startHost(home, body);
  await host.printed('counted');
  expect(existsSync(home.spool)).toBe(true);

  await runFront(home, ['telemetry', 'off']);
  tell(host);

  expect(await host.ended).toMatchObject({ code: 0, stderr: '' });
  expect(listFiles(home.folder)).toEqual([choiceFileName]);
});

// `OFF_RACE_ROUNDS=200 npm test -- off-forgets` plays it as often as you like.
const rounds = Number(process.env['OFF_RACE_ROUNDS'] ?? 1);

it(
  'a hundred programs that end with it, and a flush, leave nothing',
  async () => {
    using home = openHome();
    await using ingest = await startIngest();
    for (let round = 1; round <= rounds; round++) {
      await runFront(home, ['telemetry', 'on']);
      await countAt(home, Date.now() - dayMs);
      const ending = `${countQuery} process.stdout.write('counted'); await told();`;
      const flushing = `process.stdout.write('counted'); await told();
      await telemetry.flush({ timeoutMs: 5_000 });`;
      const hosts = Array.from({ length: 100 }, () => startHost(home, ending));
      hosts.push(startHost(home, flushing, { env: ingest.place }));
      await Promise.all(hosts.map((host) => host.printed('counted')));

      // Told in two halves, so that some of them end before `off`, some after, and some with it.
      hosts.slice(0, 50).forEach(tell);
      const off = runFront(home, ['telemetry', 'off']);
      hosts.slice(50).forEach(tell);

      expect(await off).toMatchObject({ code: 0, stderr: '' });
      for (const host of hosts) expect(await host.ended).toMatchObject({ code: 0, stderr: '' });
      expect(listFiles(home.folder), `round ${round}`).toEqual([choiceFileName]);
    }
  },
  60_000 * (1 + rounds),
);

it('a flush that is running hears of it before its next report', async () => {
  using home = openHome();
  const gate = new EventEmitter();
  await using ingest = await startIngest(async () => {
    await once(gate, 'open');
    return 204;
  });
  await runFront(home, ['telemetry', 'on']);
  await countAt(home, Date.now() - dayMs, manyCounts);
  const body = `process.stdout.write((await telemetry.flush({ timeoutMs: 30_000 })).outcome);`;
  const host = startHost(home, body, { env: ingest.place });
  await ingest.arrived(1);
  const { reports } = JSON.parse(readFileSync(join(home.spool, 'ledger.json'), 'utf8')) as {
    reports: unknown[];
  };
  expect(reports).toHaveLength(2);

  await runFront(home, ['telemetry', 'off']);
  gate.emit('open');

  expect((await host.ended).stdout).not.toBe('sent');
  expect(ingest.bodies).toHaveLength(1);
  expect(listFiles(home.folder)).toEqual([choiceFileName]);
});

describe('after reports of two months, `telemetry off`', () => {
  it('shows the IDs that were in the receipts, and forgets them', async () => {
    using home = openHome();
    const { ids, place } = await sendInTwoMonths(home);

    const { code, stdout } = await runFront(home, ['telemetry', 'off'], { env: place });

    expect(code).toBe(0);
    expect(stdout).toContain(`2 reports were sent to ${place['CODEGRAPH_TELEMETRY_ENDPOINT']}`);
    for (const id of ids) expect(stdout).toContain(`\n  ${id}\n`);
    expect(listFiles(home.folder)).toEqual([choiceFileName]);
    expect((await runFront(home, ['telemetry', 'off'])).stdout).not.toContain('IDs');
  });

  it('gives them to a script', async () => {
    using home = openHome();
    const { ids, place } = await sendInTwoMonths(home);

    const { stdout } = await runFront(home, ['telemetry', 'off', '--json'], { env: place });

    const endpoint = place['CODEGRAPH_TELEMETRY_ENDPOINT'];
    const remains = { endpoint, reports: 2, machineIds: ids };
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, mode: 'off', remains });
  });

  it('--keep-receipts keeps the receipts in a file that only its owner can read', async () => {
    using home = openHome();
    const { place } = await sendInTwoMonths(home);
    const receipts = readFileSync(join(home.spool, 'receipts.jsonl'), 'utf8');
    const kept = join(home.folder, 'telemetry-receipts.jsonl');

    const off = await runFront(home, ['telemetry', 'off', '--keep-receipts'], { env: place });

    expect(off).toMatchObject({ code: 0, stderr: '' });
    expect(off.stdout).toContain(`Copy of the log: ${kept}\n`);
    expect(readFileSync(kept, 'utf8')).toBe(receipts);
    expect(isPrivate(kept)).toBe(true);
    expect(listFiles(home.folder)).toEqual(['telemetry-receipts.jsonl', choiceFileName]);
    // Not sent, not read, not counted: it is the user's.
    await runFront(home, ['telemetry', 'on']);
    expect((await runFront(home, ['telemetry', 'log'])).stdout).toContain('No reports');

    expect((await runFront(home, ['telemetry', 'off'])).code).toBe(0);
    expect(listFiles(home.folder)).toEqual([choiceFileName]);
  });

  it('--keep-receipts leaves no file when nothing was sent', async () => {
    using home = openHome();

    const off = await runFront(home, ['telemetry', 'off', '--keep-receipts']);

    expect(off.stdout).not.toContain('telemetry-receipts');
    expect(listFiles(home.folder)).toEqual([choiceFileName]);
  });
});

/** Sends a report under the ID of each of two months. Gives the IDs, the newest first. */
async function sendInTwoMonths(
  home: TestHome,
): Promise<{ readonly ids: readonly string[]; readonly place: NodeJS.ProcessEnv }> {
  await using ingest = await startIngest();
  for (const day of ['2026-10-30', '2026-11-03']) {
    const now = Date.parse(`${day}T12:00:00.000Z`);
    await countAt(home, now - dayMs);
    expect(await flushAt(home, now, ingest.consent)).toBe('sent');
  }
  const ids = ingest.bodies.map((body) => parseReport(body).machine_id).toReversed();
  expect(new Set(ids).size).toBe(2);
  return { ids, place: ingest.place };
}

/** More identities than one report may have events. */
const manyCounts = `
  const tools = ['search', 'callers', 'callees', 'impact', 'node', 'explore', 'status', 'files'];
  const clients = ['claude-code', 'cursor', 'codex', 'gemini-cli', 'opencode', 'vscode', 'copilot',
    'windsurf', 'zed', 'kiro', 'hermes', 'inspector', 'cline', 'continue', 'goose', 'amp'];
  for (const tool of tools) {
    for (const name of clients) {
      telemetry.count('mcp_tool', 'codegraph_' + tool, { client: { name, version: '1.0' } });
    }
  }`;

function readChoice({ folder }: TestHome): unknown {
  return JSON.parse(readFileSync(join(folder, choiceFileName), 'utf8'));
}
