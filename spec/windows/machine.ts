// What the scenes stand on. It is bundled and runs on the Node that is tested, under wine or on a
// real Windows, so it imports no test runner other than Node's own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** The installed package. */
const root = resolve(process.argv[2] ?? '.');

/** npm's own program, for this Node to run. */
export const npm = resolve(process.argv[3] ?? '.');

/** Fewer processes, where the minutes are counted: wine takes a second to start one. */
export const isShort = process.argv.includes('--short');

/** Of a scene that a short run leaves out. */
export const long = { skip: isShort };

/** Of scenes that do not touch one another: on two processors, two at once. */
export const beside = { concurrency: 2 };

/** The rows of a table; of these, a short run takes those that are named. */
export function rowsOf<Row>(
  table: Readonly<Record<string, Row>>,
  named: readonly string[],
): readonly (readonly [name: string, row: Row])[] {
  return Object.entries(table).filter(([name]) => !isShort || named.includes(name));
}

/** The built `codegraph` command. */
export const front = join(root, 'dist', 'codegraph.js');

/** The built `codegraph-telemetry` command. */
export const own = join(root, 'dist', 'codegraph-telemetry.js');

/** URL of the built library. */
const library = pathToFileURL(join(root, 'dist', 'index.js')).href;

// Wine starts a Node in about a second; this is for two dozen of them on a busy machine.
const maxRunMs = 180_000;

/** A user's home on a machine of its own. */
export interface Home extends Disposable {
  /** The temporary folder, for what belongs to the scene alone. */
  readonly folder: string;
  /** The user's home. */
  readonly home: string;
  /** `.codegraph` in it. */
  readonly dataDir: string;
  /** Where telemetry keeps its files. */
  readonly spool: string;
  /** `%ProgramData%`. */
  readonly programData: string;
  /** The whole environment of a program of this user. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes a home in which nothing was ever run, deleted when it is disposed of. */
export function openHome(name = 'user'): Home {
  const folder = mkdtempSync(join(tmpdir(), 'codegraph-windows-'));
  const home = join(folder, name);
  const dataDir = join(home, '.codegraph');
  const programData = join(folder, 'ProgramData');
  mkdirSync(home);
  return {
    folder,
    home,
    dataDir,
    spool: join(dataDir, 'telemetry'),
    programData,
    env: {
      ...ofSystem(),
      TEMP: folder,
      TMP: folder,
      HOME: home,
      USERPROFILE: home,
      ProgramData: programData,
      // No scene may reach beyond this machine, whatever it forgets to say.
      CODEGRAPH_TELEMETRY_ENDPOINT: 'http://127.0.0.1:9/',
      CODEGRAPH_NO_UPDATE_CHECK: '1',
      CODEGRAPH_NO_DOWNLOAD: '1',
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** Without these no program of Windows starts. */
function ofSystem(): Record<string, string> {
  const names = ['SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATH'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Stores a choice as a hand or the engine would have. */
export function writeChoice({ dataDir }: Home, choice: object): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'telemetry.json'), JSON.stringify(choice));
}

/** Writes the policy of the machine. */
export function writePolicy({ programData }: Home, policy: object): void {
  mkdirSync(join(programData, 'codegraph'), { recursive: true });
  writeFileSync(join(programData, 'codegraph', 'telemetry.json'), JSON.stringify(policy));
}

/** How a program ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: Uint8Array;
  /** The program, where it is not this Node. Its arguments are passed on as they are. */
  readonly program?: string;
}

/** A program that was started, with an IPC channel beside its files. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

let runs = 0;

/** Starts a program with files for its standard streams: under wine these are what works everywhere. */
export function start(home: Home, args: readonly string[], options: RunOptions = {}): Started {
  const path = (name: string): string => join(home.folder, `${name}-${runs}`);
  runs += 1;
  const [input, output, errors] = [path('stdin'), path('stdout'), path('stderr')];
  writeFileSync(input, options.stdin ?? '');
  const streams = [openSync(input, 'r'), openSync(output, 'w'), openSync(errors, 'w')];
  const { program } = options;
  const child = spawn(program ?? process.execPath, args, {
    windowsVerbatimArguments: program !== undefined,
    cwd: options.cwd ?? home.folder,
    env: { ...home.env, ...options.env },
    stdio: streams,
    timeout: maxRunMs,
    windowsHide: true,
  });
  for (const stream of streams) closeSync(stream);
  const ended = once(child, 'exit').then(([code]) => ({
    code: code as number | null,
    stdout: readFileSync(output),
    stderr: readFileSync(errors, 'utf8'),
  }));
  return { child, ended };
}

/** Runs a program to its end. */
export async function run(
  home: Home,
  args: readonly string[],
  options?: RunOptions,
): Promise<Ended> {
  return await start(home, args, options).ended;
}

/** Writes a module that has the built library as `openTelemetry`; returns its path. */
export function programOf({ folder }: Home, code: string): string {
  const path = join(folder, `program-${runs++}.mjs`);
  writeFileSync(path, `import { openTelemetry } from '${library}';\n${code}\n`);
  return path;
}

/** Resolves when `isTrue`, asked a few times a second: a program's file is all that it tells. */
export async function until(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + maxRunMs;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error('It never came true.');
    await setTimeout(100);
  }
}
