import { EventEmitter, once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { choiceFileName } from '../../contract/files.ts';
import { dayMs } from '../support/clock.ts';
import { runFront } from '../support/command.ts';
import { listFiles, openHome, type TestHome } from '../support/home.ts';
import { countAt, countQuery, flushAt, startHost, tell } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';

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

/** More identities than one report may have events. */
const manyCounts = `
  const tools = ['search', 'callers', 'callees', 'impact', 'node', 'explore', 'status', 'files'];
  for (const tool of tools) {
    for (let version = 0; version < 20; version++) {
      const client = { name: 'claude-code', version: '1.' + version };
      telemetry.count('mcp_tool', 'codegraph_' + tool, { client });
    }
  }`;

function readChoice({ folder }: TestHome): unknown {
  return JSON.parse(readFileSync(join(folder, choiceFileName), 'utf8'));
}
