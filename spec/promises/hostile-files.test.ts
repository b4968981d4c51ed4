import { execFileSync } from 'node:child_process';
import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as files from '../../contract/files.ts';
import { settings } from '../support/command.ts';
import { newHome, openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { busyHost, leaveQuery } from '../support/hostile.ts';
import { writeHost } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';
import { front, preload } from '../support/paths.ts';
import {
  fileNames,
  folderNames,
  hasQuery,
  type Plant,
  plantHome,
  type PlantedHome,
  plants,
} from '../support/planted.ts';
import { type Ended, run } from '../support/programs.ts';

/**
 * Whatever stands at a name of ours, a program ends as it would without telemetry, in its time and its
 * memory, and nothing that is not ours is changed. TELEMETRY_MATRIX=long runs every command, and plants
 * alone at each name that decides whether others are opened. As root these are 1,900 programs:
 * `npm test -- hostile-files --maxConcurrency=2`.
 */

const isLong = process.env['TELEMETRY_MATRIX'] === 'long';
const isRoot = process.geteuid?.() === 0;

// As the engine's command, which is ours too, may take on a machine that is busy with other things.
const maxMs = 30_000;
const maxMoreKiB = 20 * 1024;

/** Arguments of `codegraph`; none are a host of the library. */
type Program = readonly string[];

const host: Program = [];
const turnOff: Program = ['telemetry', 'off'];
/** What changes most in a folder of ours. */
const writers = [host, turnOff];
const commands: readonly Program[] = isLong
  ? [
      // `local` writes what `on` writes, with another word in it.
      ...['status', 'show', 'usage', 'log', 'on'].map((word) => ['telemetry', word]),
      turnOff,
      ['telemetry', 'off', '--keep-receipts'],
      ['status'],
      ['init', '--quiet'],
      ['install', '--print-config', 'claude'],
      ['uninstall', '--yes'],
      ['serve', '--mcp'],
    ]
  : [turnOff, ['telemetry', 'status'], ['telemetry', 'show'], ['status']];

interface User {
  readonly name: string;
  readonly uid: number | undefined;
  readonly programs: readonly Program[];
}

const everything = [host, ...commands];
const users: readonly User[] = isRoot
  ? [
      { name: 'an ordinary user', uid: 65_534, programs: everything },
      {
        name: 'root',
        uid: undefined,
        programs: isLong ? everything : [host],
      },
    ]
  : [{ name: 'this user', uid: undefined, programs: everything }];

/** What stands at one of these decides whether others are opened: a ledger that nothing can read ends a flush. */
const deciding = fileNames.filter(
  (name) =>
    [
      files.choiceFileName,
      files.bufferFile,
      files.ledgerFile,
      files.lockFile,
      files.receiptsFile,
    ].includes(name) || name.startsWith(`${files.spoolFolder}/${files.claimPrefix}`),
);

/** Names at which one kind of thing stands at once. */
function placesOf({ at }: Plant, program: Program): readonly (readonly string[])[] {
  // The engine itself reads the choice whatever stands there, and hangs at a FIFO.
  const isTried = (name: string): boolean => name !== files.choiceFileName || !isOfEngine(program);
  const apart = deciding.filter(isTried).map((name) => [name]);
  const others = fileNames.filter((name) => !deciding.includes(name));
  const ofFiles = isLong ? [...apart, others] : [fileNames.filter(isTried)];
  const ofFolders = folderNames.map((name) => [name]);
  const folders = isLong ? ofFolders : writers.includes(program) ? ofFolders.slice(0, 2) : [];
  return [...(at === 'folders' ? [] : ofFiles), ...(at === 'files' ? [] : folders)];
}

function isOfEngine([word]: Program): boolean {
  return word !== undefined && word !== 'telemetry';
}

interface Ran {
  /** What a caller sees, without the name of the temporary folder. */
  readonly seen: Ended;
  readonly ms: number;
  readonly maxKiB: number;
}

/** Runs a program of ours, and looks at what it took. */
async function runAs(
  home: TestHome,
  program: Program,
  { uid }: User,
  more: NodeJS.ProcessEnv,
): Promise<Ran> {
  const memory = join(home.root, 'memory');
  mkdirSync(memory, { recursive: true });
  const path = program === host ? writeHost(home, busyHost) : front;
  if (uid !== undefined) chownSync(memory, uid, uid);
  const env = { MEMORY_FOLDER: memory, ...more };
  const args = [preload('record-memory.mjs'), path, ...program];
  const startedAt = performance.now();
  const ended = await run(process.execPath, args, {
    ...settings(home, { env }),
    ...(uid !== undefined && { uid }),
  });
  const ms = performance.now() - startedAt;
  const used = readdirSync(memory).map((name) => Number(readFileSync(join(memory, name), 'utf8')));
  const plain = (text: string): string => text.replaceAll(home.root, '');
  const seen = { ...ended, stdout: plain(ended.stdout), stderr: plain(ended.stderr) };
  return { seen, ms, maxKiB: Math.max(0, ...used) };
}

const cleanRuns = new Map<string, Promise<Ran>>();

interface Clean {
  readonly program: Program;
  readonly user: User;
  readonly mode: '0' | '1';
  /** Whether there is something to send. */
  readonly sends: boolean;
}

/** How a program ends in a home where nothing is in the way, with telemetry or without. */
async function runClean(clean: Clean): Promise<Ran> {
  const key = JSON.stringify(clean);
  const known = cleanRuns.get(key) ?? (clean.mode === '0' ? runOnce(clean) : runThrice(clean));
  cleanRuns.set(key, known);
  return await known;
}

/** The run with the most memory: how far a flush gets before `init` ends is chance, and makes 30 MB. */
async function runThrice(clean: Clean): Promise<Ran> {
  const ran = [await runOnce(clean), await runOnce(clean), await runOnce(clean)];
  return ran.reduce((most, one) => (one.maxKiB > most.maxKiB ? one : most));
}

async function runOnce({ program, user, mode, sends }: Clean): Promise<Ran> {
  using home = openHome();
  await using ingest = await startIngest();
  if (sends) leaveQuery(home);
  if (user.uid !== undefined) execFileSync('chown', ['-R', `${user.uid}`, home.root]);
  return await runAs(home, program, user, { ...ingest.consent, CODEGRAPH_TELEMETRY: mode });
}

describe.skipIf(process.platform === 'win32').each(users)('for $name', (user) => {
  const named = user.programs.map((program) => ({ program, name: program.join(' ') || 'a host' }));
  describe.concurrent.each(named)('$name', ({ program }) => {
    const possible = plants.filter(
      (plant) => placesOf(plant, program).length > 0 && (isRoot || plant.isForeign !== true),
    );
    it.for(possible)(
      '$kind at a name of ours changes nothing',
      { timeout: 600_000 },
      async (plant) => {
        const flaws: string[] = [];
        for (const names of placesOf(plant, program)) {
          using home = plantHome(plant, names, user.uid);
          const found = await flawsOf(home, program, user, hasQuery(names));
          flaws.push(...found.map((flaw) => `${names.join()}: ${flaw}`));
        }
        expect(flaws).toEqual([]);
      },
    );
  });
});

/** Runs a program in a planted home; returns what is not as it must be. */
async function flawsOf(
  home: PlantedHome,
  program: Program,
  user: User,
  sends: boolean,
): Promise<string[]> {
  await using ingest = await startIngest();
  const alone = await runClean({ program, user, mode: '0', sends });
  const counting = await runClean({ program, user, mode: '1', sends });
  const before = home.lookAtVictims();

  const ran = await runAs(home, program, user, ingest.consent);

  const isSeenRight =
    program[0] === 'telemetry' ? isAnswer(ran.seen) : isDeepStrictEqual(ran.seen, alone.seen);
  const moreKiB = ran.maxKiB - counting.maxKiB;
  return [
    ...(isSeenRight ? [] : [`it ends with ${JSON.stringify(ran.seen)}`]),
    ...(isDeepStrictEqual(home.lookAtVictims(), before) ? [] : ['a victim has changed']),
    ...(ran.ms < maxMs ? [] : [`it takes ${ran.ms} ms`]),
    ...(moreKiB < maxMoreKiB ? [] : [`it takes ${moreKiB} KiB more`]),
  ];
}

/** Our own commands may refuse, in words. */
function isAnswer({ code, signal, stdout, stderr }: Ended): boolean {
  const isSaid = (code === 0 ? stdout : stderr) !== '';
  const isPlain = !/\n {4}at |[^\P{Cc}\n]/u.test(`${stdout}${stderr}`);
  return signal === null && (code === 0 || code === 1) && isSaid && isPlain;
}

it('plants at every name that this package knows', () => {
  const known = Object.values(files).filter((name) => name !== files.temporarySuffix);
  const planted = [...fileNames, ...folderNames];
  const isPlanted = (name: string): boolean =>
    planted.some((each) => each === name || each.includes(name.split('/').at(-1) ?? name));
  expect(known.filter((name) => !isPlanted(name))).toEqual([]);
});

it.runIf(isRoot)(
  'root in the home of another user writes nothing through a link there',
  async () => {
    const home = newHome();
    const ofRoot = join(home.root, 'of-root');
    mkdirSync(ofRoot);
    writeFileSync(join(ofRoot, 'telemetry.json'), '{"enabled":true}');
    symlinkSync(ofRoot, home.folder);
    chownSync(home.home, 54_321, 54_321);
    await using ingest = await startIngest();
    for (const program of [host, ['telemetry', 'on'], turnOff]) {
      await runAs(home, program, { name: 'root', uid: undefined, programs: [] }, ingest.consent);
      expect(listFiles(ofRoot)).toEqual(['telemetry.json']);
      expect(readFileSync(join(ofRoot, 'telemetry.json'), 'utf8')).toBe('{"enabled":true}');
    }
  },
);
