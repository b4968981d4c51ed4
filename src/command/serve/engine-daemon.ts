import files from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { readText } from '../../../contract/read-file.ts';
import { maxChoiceFileBytes, maxDaemonRecords } from '../../../contract/limits.ts';
import { isSet } from '../../../contract/consent.ts';
import { readChoice } from '../../../contract/choice-file.ts';

/** A daemon of the engine's that counts by itself. */
interface CountingDaemon extends DaemonRecord {
  /** Its environment says so; else it goes by the stored choice, as of each call. */
  readonly isForced: boolean;
}

interface DaemonRecord {
  readonly pid: number;
  /** The project that it serves. */
  readonly root: string;
  /** It serves sessions of just this version. */
  readonly version: string;
}

/**
 * Sessions of the engine in one project share a daemon, and that counts by the environment
 * that it was started in. One that was started without the front counts the calls of this session too:
 * they must not be counted here as well. Returns a question to ask at each call, when its reply is
 * out: by then the session has its daemon, or none for the rest of its life. Touches the disk, for
 * as long as there is such a daemon. Knows nothing where the system does not show a process's
 * environment, that is but on Linux.
 */
export function watchForDaemon(project: string, dataDir: string, version: string): () => boolean {
  let daemon: CountingDaemon | undefined;
  let hasLooked = false;
  return () => {
    if (!hasLooked) daemon = findDaemon(project, dataDir, version);
    hasLooked = true;
    // A session that lost its daemon is served by the engine we started, which counts nothing.
    if (daemon !== undefined && !isAlive(daemon.pid)) daemon = undefined;
    return daemon !== undefined && isCounting(daemon, dataDir);
  };
}

/** The projects in which a daemon counts by itself, whatever is decided here; empty but on Linux. */
export function findCountedProjects(dataDir: string): readonly string[] {
  return findDaemons(dataDir)
    .filter((daemon) => isCounting(daemon, dataDir))
    .map(({ root }) => root);
}

function findDaemon(project: string, dataDir: string, version: string): CountingDaemon | undefined {
  try {
    const folder = files.realpathSync(project);
    return findDaemons(dataDir).find(
      (daemon) => daemon.version === version && areNested(folder, daemon.root),
    );
  } catch {
    // No such directory.
    return undefined;
  }
}

function findDaemons(dataDir: string): readonly CountingDaemon[] {
  const registry = join(dataDir, 'daemons');
  return listNames(registry)
    .map((name) => readRecord(join(registry, name)))
    .map((record) => record && readDaemon(record))
    .filter((daemon) => daemon !== undefined);
}

function listNames(folder: string): readonly string[] {
  try {
    return files.readdirSync(folder).slice(0, maxDaemonRecords);
  } catch {
    // No daemon ever.
    return [];
  }
}

function readRecord(path: string): DaemonRecord | undefined {
  const reading = readText(path, maxChoiceFileBytes, files);
  try {
    const record = JSON.parse(
      reading.state === 'read' ? reading.text : '',
    ) as Partial<DaemonRecord>;
    const { pid, root, version } = record;
    const isWhole = typeof root === 'string' && typeof version === 'string';
    return isWhole && typeof pid === 'number' ? { pid, root, version } : undefined;
  } catch {
    // Just being written, or without an owner.
    return undefined;
  }
}

/** The engine serves a directory inside a project, and one that has a single project inside. */
function areNested(one: string, other: string): boolean {
  const path = relative(resolve(one), resolve(other));
  return path.split(sep).every((part) => part === '..') || !path.startsWith('..');
}

/** The daemon of a record, if it is alive and its environment lets it count. */
function readDaemon(record: DaemonRecord): CountingDaemon | undefined {
  const env = readEnvironment(record.pid);
  if (env === undefined || !isSet(env.get('CODEGRAPH_DAEMON_INTERNAL'))) return undefined;
  if (isSet(env.get('DO_NOT_TRACK'))) return undefined;
  const wish = env.get('CODEGRAPH_TELEMETRY');
  if (!wish) return { ...record, isForced: false };
  return isSet(wish) ? { ...record, isForced: true } : undefined;
}

function isCounting({ isForced }: CountingDaemon, dataDir: string): boolean {
  return isForced || isOnByChoice(dataDir);
}

function readEnvironment(pid: number): ReadonlyMap<string, string> | undefined {
  try {
    const entries = files.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return new Map(entries.map((entry) => splitAt(entry, entry.indexOf('='))));
  } catch {
    // Another system, another user's process, or gone.
    return undefined;
  }
}

function splitAt(text: string, at: number): [string, string] {
  return [text.slice(0, at), text.slice(at + 1)];
}

/** As the engine takes the stored choice: one that it cannot read is none, and none is a yes. */
export function isOnByChoice(dataDir: string): boolean {
  const reading = readChoice(dataDir, files);
  return reading.state !== 'read' || reading.choice.isEngineOn;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
