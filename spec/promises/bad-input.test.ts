import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bufferFile, damagedLedgerFile, ledgerFile } from '../../contract/files.ts';
import { parseLedger } from '../../contract/ledger.ts';
import { badPlaces, elsewhere, noise, putFile, putFolder, putLink } from '../support/bad-files.ts';
import { type Ended, run } from '../support/programs.ts';
import { dayMs, noonToday } from '../support/clock.ts';
import { runEngine, runFront, settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { countAt, countQuery, flushAt, runHost, writeHost } from '../support/host.ts';
import { distinctEvents, noIngest, startIngest, usageIn } from '../support/ingest.ts';
import { engine, front, library } from '../support/paths.ts';

/** Whatever stands where our files should: the command is as without us, and what can be saved is. */

describe.skipIf(process.platform === 'win32')('with', () => {
  let alone: Ended;

  beforeAll(async () => {
    using home = openHome();
    alone = await runEngine(home, ['sync']);
  });

  it.each(badPlaces)('$name, commands and programs run as without us', async ({ make }) => {
    using home = openHome();
    const HOME = make(home) ?? home.home;
    const env = { HOME, CODEGRAPH_TELEMETRY: '1', ...noIngest };
    writeFileSync(elsewhere(home), 'not ours');
    const before = listFiles(home.project);
    const inRoot = listFiles('/.codegraph');

    // A long command, with a flush beside it; it fails as there is no index.
    const sync = await runFront(home, ['sync'], { env });
    const body = `${countQuery} telemetry.persist();
      const { outcome } = await telemetry.flush({ timeoutMs: 10_000 });
      ${countQuery}
      process.stdout.write(typeof outcome);`;
    const host = await runHost(home, body, { env });

    expect(sync.code).toBe(1);
    expect(withoutPlaces(sync, home)).toEqual(withoutPlaces(alone, home));
    expect(host).toEqual({ code: 0, signal: null, stdout: 'string', stderr: '' });
    expect(readFileSync(elsewhere(home), 'utf8')).toBe('not ours');
    expect(listFiles(home.project)).toEqual(before);
    expect(listFiles('/.codegraph')).toEqual(inRoot);
  });
});

describe('what can be saved', () => {
  it('is whole frames between foreign bytes', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    const now = noonToday();
    const buffer = join(home.folder, bufferFile);
    await countAt(home, now);
    const frame = readFileSync(buffer);
    const torn = frame.subarray(0, -3);
    writeFileSync(buffer, Buffer.concat([noise(), frame, torn, frame, noise(), frame, torn]));

    expect(await flushAt(home, now + dayMs, ingest.consent)).toBe('sent');

    expect(usageIn(distinctEvents(ingest.bodies))).toEqual({ query: '3/0' });
    expect(readLedger(home)?.lost.damaged_bytes).toBe(2 * noise().length + torn.length);
  });

  it('is the counts of today, when the ledger is damaged; that is set aside once', async () => {
    using home = openHome();
    await using ingest = await startIngest();
    const now = noonToday();
    await countAt(home, now);
    putFile(home, ledgerFile, '{"days": [');

    expect(await flushAt(home, now + dayMs, ingest.consent)).toBe('sent');
    const damaged = join(home.folder, damagedLedgerFile);
    const { mtimeMs } = statSync(damaged);
    await countAt(home, now + dayMs);
    expect(await flushAt(home, now + 2 * dayMs, ingest.consent)).toBe('sent');

    expect(readFileSync(damaged, 'utf8')).toBe('{"days": [');
    expect(statSync(damaged).mtimeMs).toBe(mtimeMs);
    expect(usageIn(distinctEvents(ingest.bodies))).toEqual({ query: '2/0' });
  });

  it.each([
    { name: 'a folder for the ledger', make: (home: TestHome) => putFolder(home, ledgerFile) },
    {
      name: 'a full folder for the ledger',
      make: (home: TestHome) => putFile(home, `${ledgerFile}/a`, ''),
    },
    {
      name: 'a link for the ledger',
      make: (home: TestHome) => putLink(home, ledgerFile),
    },
    {
      name: 'a claim that is a folder',
      make: (home: TestHome) => putFolder(home, 'telemetry/claim-a'),
    },
  ])('is everything in the buffer, with $name', async ({ make }) => {
    using home = openHome();
    await using ingest = await startIngest();
    const now = noonToday();
    await countAt(home, now);
    writeFileSync(elsewhere(home), 'not ours');
    make(home);

    expect(await flushAt(home, now + dayMs, ingest.consent)).toBe('sent');

    expect(usageIn(distinctEvents(ingest.bodies))).toEqual({ query: '1/0' });
    expect(readFileSync(elsewhere(home), 'utf8')).toBe('not ours');
  });

  it.each([
    { name: 'a folder', make: (home: TestHome) => putFolder(home, bufferFile) },
    {
      name: 'a link',
      make: (home: TestHome) => putLink(home, bufferFile),
    },
  ])(
    'is what is counted after a flush took $name away from the place of the buffer',
    async ({ make }) => {
      using home = openHome();
      await using ingest = await startIngest();
      const now = noonToday();
      writeFileSync(elsewhere(home), 'not ours');
      make(home);

      await flushAt(home, now, ingest.consent);
      await countAt(home, now);
      expect(await flushAt(home, now + dayMs, ingest.consent)).toBe('sent');

      expect(usageIn(distinctEvents(ingest.bodies))).toEqual({ query: '1/0' });
      expect(readFileSync(elsewhere(home), 'utf8')).toBe('not ours');
    },
  );
});

describe('as another user', () => {
  // No user has this id.
  const uid = 54_321;

  async function runAs(home: TestHome, args: readonly string[], HOME?: string): Promise<Ended> {
    const { env, cwd } = settings(home, { env: { CODEGRAPH_TELEMETRY: '1', HOME } });
    return await run(process.execPath, args, { env, cwd, uid });
  }

  it('a command runs as without us, and a program counts nothing', async (context) => {
    using home = openHome();
    chmodSync(home.root, 0o755);
    const isRoot = process.getuid?.() === 0;
    const probe = isRoot ? await runAs(home, ['--eval', `import('${library}')`]) : undefined;
    context.skip(probe?.code !== 0, 'that needs root, and a repository that everybody may read');
    // A home of somebody else, with a spool that may not even be looked into.
    mkdirSync(home.spool, { recursive: true, mode: 0o700 });
    writeFileSync(join(home.folder, bufferFile), '');
    chmodSync(home.folder, 0o755);
    const host = writeHost(home, `${countQuery} await telemetry.flush({ timeoutMs: 10_000 });`);

    for (const HOME of [undefined, home.home]) {
      const { env, cwd } = settings(home, { env: { CODEGRAPH_TELEMETRY: '0', HOME } });
      const alone = await run(engine, ['version'], { env, cwd, uid });
      expect(await runAs(home, [front, 'version'], HOME)).toEqual(alone);
      expect(await runAs(home, [host], HOME)).toMatchObject({ code: 0, stderr: '' });
    }
    expect(listFiles(home.folder)).toEqual(['telemetry', bufferFile]);
    expect(readFileSync(join(home.folder, bufferFile), 'utf8')).toBe('');
  });
});

function withoutPlaces({ stdout, stderr, ...rest }: Ended, { root }: TestHome): Ended {
  const places = /\/\S*codegraph-promise-\w+/g;
  return {
    ...rest,
    stdout: stdout.replaceAll(places, root),
    stderr: stderr.replaceAll(places, root),
  };
}

function readLedger({ folder }: TestHome): ReturnType<typeof parseLedger> {
  return parseLedger(readFileSync(join(folder, ledgerFile), 'utf8'));
}
