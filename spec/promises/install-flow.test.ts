import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { listFiles, openHome } from '../support/home.ts';
import { startIngest } from '../support/ingest.ts';
import {
  answers,
  filesOf,
  haveCursor,
  lifecycleIn,
  questions,
  readStored,
  typeGo,
  typeToToggle,
} from '../support/install-steps.ts';
import { keys, openScreen } from '../support/screen.ts';

/** `codegraph install` in a real terminal: asked once, visibly, and each answer does what it says. */

const cursorFile = '.cursor/mcp.json';

describe('at the toggle', () => {
  it('a yes installs, is stored, and sends the one event', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { env: ingest.place });

    await typeToToggle(screen);
    expect(screen.text()).toContain('Cursor (found)');
    expect(screen.text()).toMatch(/Daily totals: .+ No code, no\s+.*names, no paths\./);
    screen.type(...answers.yes);

    expect(await typeGo(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: true, consent_source: 'installer' });
    expect(listFiles(home.home)).toContain(cursorFile);
    expect(lifecycleIn(ingest.bodies)).toEqual([
      ['install', { targets: ['cursor'], scope: 'global', kind: 'fresh' }],
    ]);
    expect(filesOf(home)).toEqual([
      'telemetry',
      'telemetry.json',
      'telemetry/claim',
      'telemetry/install.json',
      'telemetry/ledger.json',
      'telemetry/receipts.jsonl',
    ]);
  });

  it('a no installs, is stored, and leaves nothing else', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { env: ingest.place });

    await typeToToggle(screen);
    screen.type(...answers.no);

    expect(await typeGo(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({
      enabled: false,
      machine_id: null,
      consent_source: 'installer',
    });
    expect(filesOf(home)).toEqual(['telemetry.json']);
    expect(listFiles(home.home)).toContain(cursorFile);
    expect(ingest.connections).toBe(0);
  });

  it('for me only installs, counts, and sends nothing', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { env: ingest.place });

    await typeToToggle(screen);
    screen.type(...answers.local);

    expect(await typeGo(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: false, mode: 'local', machine_id: null });
    expect(filesOf(home)).toEqual([
      'telemetry',
      'telemetry.json',
      'telemetry/buffer.msgpack',
      'telemetry/install.json',
    ]);
    expect(listFiles(home.home)).toContain(cursorFile);
    expect(ingest.connections).toBe(0);
  });

  it('show me first prints a whole report and asks again; nothing is stored for it', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { env: ingest.place });

    await typeToToggle(screen);
    screen.type(...answers.show);
    await screen.shows('"batch_id"');
    await screen.asks(questions.toggle);
    const events = screen.text().match(/"event": "\w+"/g);
    expect(events).toEqual(
      ['usage_rollup', 'index', 'install', 'uninstall'].map((name) => `"event": "${name}"`),
    );
    expect(filesOf(home)).toEqual([]);

    screen.type(...answers.no);

    expect(await typeGo(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: false });
    expect(ingest.connections).toBe(0);
  });
});

describe('leaving', () => {
  const early = [questions.agents, questions.where, questions.go];

  test.each(early)('at "%s" leaves everything as it was', async (question) => {
    using home = openHome();
    await using ingest = await startIngest();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { env: ingest.place });

    for (const earlier of Object.values(questions)) {
      await screen.asks(earlier);
      if (earlier === question) break;
      screen.type(keys.enter);
    }
    screen.type(keys.ctrlC);

    expect((await screen.ended).code).toBe(130);
    expect(screen.text()).toContain('Nothing was installed.');
    expect(listFiles(home.home)).toEqual(['.cursor']);
    expect(ingest.connections).toBe(0);
  });

  // D28: the engine takes this for a yes, and sends in the same run.
  test.each([
    ['Ctrl-C', keys.ctrlC],
    ['Escape', keys.escape],
    ['Ctrl-D', keys.ctrlD],
  ])('with %s at the toggle is a no, and installs nothing', async (_name, key) => {
    using home = openHome();
    await using ingest = await startIngest();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { env: ingest.place });

    await typeToToggle(screen);
    screen.type(key);

    expect((await screen.ended).code).toBe(130);
    expect(screen.text()).toContain('Nothing was installed, and telemetry is off.');
    expect(readStored(home)).toMatchObject({ enabled: false, consent_source: 'installer' });
    expect(listFiles(home.home)).toEqual(['.codegraph', '.codegraph/telemetry.json', '.cursor']);
    expect(ingest.connections).toBe(0);
  });

  it('with a no to the summary leaves everything as it was, whatever was answered before', async () => {
    using home = openHome();
    haveCursor(home);
    using screen = openScreen(home, ['install']);

    await typeToToggle(screen);
    screen.type(...answers.no);
    await screen.asks(questions.go);
    screen.type('n', keys.enter);

    expect((await screen.ended).code).toBe(130);
    expect(listFiles(home.home)).toEqual(['.cursor']);
  });
});

describe('in a terminal', () => {
  it('of 30 columns every question can be read and answered', async () => {
    using home = openHome();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { columns: 30, rows: 24 });

    await screen.asks('Which agents should use');
    screen.type(keys.enter);
    await screen.asks('For which projects?');
    screen.type(keys.enter);
    await screen.asks('Share how codegraph is');
    for (const word of [
      'commands',
      'languages',
      'paths',
      'Yes, share',
      'Count for me only',
      'No',
    ]) {
      expect(screen.text().replaceAll(/[\s│]+/g, ' ')).toContain(word);
    }
    screen.type(...answers.no);

    expect(await typeGo(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: false });
    expect(listFiles(home.home)).toContain(cursorFile);
  });

  it('with NO_COLOR nothing is coloured', async () => {
    using home = openHome();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { env: { NO_COLOR: '1' } });

    await typeToToggle(screen);
    screen.type(...answers.show);
    await screen.shows('"batch_id"');
    await screen.asks(questions.toggle);
    screen.type(...answers.yes);
    await screen.asks(questions.go);

    // eslint-disable-next-line no-control-regex -- it is what colours are made of
    expect(screen.raw).not.toMatch(/\u001B\[(?:3[0-7]|4[0-7]|9[0-7])m/);
  });

  it('without Unicode the questions are ASCII', async () => {
    using home = openHome();
    haveCursor(home);
    using screen = openScreen(home, ['install'], { env: { TERM: 'linux' } });

    await typeToToggle(screen);
    screen.type(...answers.show);
    await screen.shows('"batch_id"');
    await screen.asks(questions.toggle);
    screen.type(...answers.no);
    await screen.asks(questions.go);

    // eslint-disable-next-line no-control-regex -- it is where ASCII ends
    expect(screen.raw).toMatch(/^[\u0000-\u007F]*$/);
    expect(await typeGo(screen)).toBe(0);
    expect(readStored(home)).toMatchObject({ enabled: false });
  });
});

it('alone, `codegraph` is the same installer', async () => {
  using home = openHome();
  using screen = openScreen(home, []);

  await screen.asks(questions.agents);
  screen.type(keys.ctrlC);

  expect((await screen.ended).code).toBe(130);
  expect(listFiles(home.home)).toEqual([]);
});

it('for one project, it says whom it leaves out and what the project gets', async () => {
  using home = openHome();
  using screen = openScreen(home, ['install', '--target', 'cursor,hermes']);

  await screen.asks(questions.where);
  screen.type(keys.down, keys.enter);
  await screen.asks(questions.toggle);
  screen.type(...answers.no);
  await screen.asks(questions.go);
  expect(screen.text()).toContain(
    'Left out, as they have no settings for one project: Hermes Agent.',
  );
  screen.type(keys.enter);

  expect((await screen.ended).code).toBe(0);
  expect(listFiles(home.project)).toContain(cursorFile);
  expect(listFiles(home.home)).toEqual(['.codegraph', join('.codegraph', 'telemetry.json')]);
});
