import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ledgerFile } from '../../contract/files.ts';
import { parseLedger } from '../../contract/ledger.ts';
import { runFront } from '../support/command.ts';
import { openHome, type TestHome, writeChoice } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { type Ingest, parseReport, startIngest } from '../support/ingest.ts';
import {
  answerEngine,
  answers,
  engineQuestions,
  haveCursor,
  readStored,
  toggle,
} from '../support/install-steps.ts';
import { keys, openScreen } from '../support/screen.ts';

/** A machine on which the engine's own telemetry was at work before: choice, id and queue. */

const uuid = 'e0f087a2-15fa-4a29-b614-2d43b12089a9';
const queue = 'telemetry-queue.jsonl';
const claim = 'telemetry-queue.sending.4711.jsonl';
const queued = '{"v":2,"d":"2026-11-20","k":"cli_command","n":"query","c":41,"e":0}\n';

/** As the engine leaves its files. */
function leaveEngineFiles(home: TestHome, choice: object): void {
  mkdirSync(home.folder, { recursive: true });
  const times = { first_run_notice_shown: true, updated_at: '2026-11-20T09:00:00.000Z' };
  writeChoice(home, JSON.stringify({ machine_id: uuid, ...times, ...choice }, undefined, 2));
  writeFileSync(join(home.folder, queue), queued);
  writeFileSync(join(home.folder, claim), queued);
}

function expectQueueAlone({ folder }: TestHome, { bodies }: Ingest): void {
  expect(readFileSync(join(folder, queue), 'utf8')).toBe(queued);
  expect(readFileSync(join(folder, claim), 'utf8')).toBe(queued);
  expect(bodies.join('')).not.toContain('"count":41');
}

const install = ['install', '--yes', '--target', 'cursor'];

describe('a yes that was given to the engine', () => {
  const yes = { enabled: true, consent_source: 'installer' };

  it('counts, its id serves this month, and its queue is neither touched nor sent', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    leaveEngineFiles(home, yes);

    await runFront(home, install, { env: ingest.place });
    await ingest.arrived(1);
    await runFront(home, ['sync'], { env: ingest.place });
    await runFront(home, ['uninstall', '--yes'], { env: ingest.place });

    expect(ingest.bodies.map((body) => parseReport(body).machine_id)).toContain(uuid);
    expect(new Set(ingest.bodies.map((body) => parseReport(body).machine_id)).size).toBe(1);
    expectQueueAlone(home, ingest);
    expect(parseLedger(readFileSync(join(home.folder, ledgerFile), 'utf8'))?.identity).toEqual({
      machine_id: uuid,
      month: new Date().toISOString().slice(0, 7),
    });
  });

  it('is not asked for again', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    leaveEngineFiles(home, yes);
    using screen = openScreen(home, ['install'], { env: ingest.place });

    expect(await answerEngine(screen, [[engineQuestions.agents[0], keys.ctrlC]])).toBe(0);
    expect(screen.text()).toContain('Telemetry is on, decided by your stored choice.');
    expect(readStored(home)).toMatchObject({ ...yes, machine_id: uuid });
    expectQueueAlone(home, ingest);
  });
});

it('a no that was given to the engine counts', async () => {
  using home = openHome();
  await using ingest = await startIngest();
  leaveEngineFiles(home, { enabled: false, machine_id: null, consent_source: 'cli' });

  await runFront(home, install, { env: ingest.place });
  await runFront(home, ['uninstall', '--yes'], { env: ingest.place });

  expect(ingest.connections).toBe(0);
  expect(listFiles(home.folder)).toEqual([claim, queue, 'telemetry.json'].toSorted());
  expectQueueAlone(home, ingest);
});

describe('a notice of the engine that nobody has answered', () => {
  const notice = { enabled: true, consent_source: 'default-notice' };

  it('is no yes: without an answer nothing leaves', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    leaveEngineFiles(home, notice);

    await runFront(home, install, { env: ingest.place });

    expect(ingest.connections).toBe(0);
    expectQueueAlone(home, ingest);
  });

  it('is asked about, and a yes is to us alone, under an ID of its own', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    haveCursor(home);
    leaveEngineFiles(home, notice);
    using screen = openScreen(home, ['install'], { env: ingest.place });

    await screen.asks(toggle);
    screen.type(...answers.yes);

    expect(await answerEngine(screen)).toBe(0);
    await ingest.arrived(1);
    expect(parseReport(ingest.bodies[0] ?? '').machine_id).not.toBe(uuid);
    expectQueueAlone(home, ingest);
  });
});
