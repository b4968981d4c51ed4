import files from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { readChoice } from '../../../spec/contract/consent.ts';

/** A daemon of the engine's that counts by itself. */
interface CountingDaemon {
  readonly pid: number;
  /** Its environment says so; else it goes by the stored choice, as of each call. */
  readonly isForced: boolean;
}

/**
 * Sessions of the engine in one project share a daemon, and that counts by the environment of
 * whoever started it. One that was started without the front counts the calls of this session too:
 * they must not be counted here as well. Returns a question to ask at each call, when its reply is
 * out: by then the session has its daemon, or none for the rest of its life. Touches the disk, for
 * as long as there is such a daemon. Knows nothing where the system does not show a process's
 * environment, that is but on Linux.
 */
export function watchForDaemon(project: string, home: string): () => boolean {
  let daemon: CountingDaemon | undefined;
  let hasLooked = false;
  return () => {
    if (!hasLooked) daemon = findDaemon(project, home);
    hasLooked = true;
    // A session that lost its daemon is served by the engine we started, which counts nothing.
    if (daemon !== undefined && !isAlive(daemon.pid)) daemon = undefined;
    return daemon !== undefined && (daemon.isForced || isOnByChoice(home));
  };
}

function findDaemon(project: string, home: string): CountingDaemon | undefined {
  try {
    const folder = files.realpathSync(project);
    const registry = join(home, 'daemons');
    return files
      .readdirSync(registry)
      .map((name) => readRecord(join(registry, name)))
      .filter((record) => record !== undefined && areNested(folder, record.root))
      .map((record) => record && readDaemon(record.pid))
      .find((daemon) => daemon !== undefined);
  } catch {
    // No daemon ever, or no such folder.
    return undefined;
  }
}

interface DaemonRecord {
  readonly pid: number;
  /** The project that it serves. */
  readonly root: string;
}

function readRecord(path: string): DaemonRecord | undefined {
  try {
    const { pid, root } = JSON.parse(files.readFileSync(path, 'utf8')) as Partial<DaemonRecord>;
    return typeof pid === 'number' && typeof root === 'string' ? { pid, root } : undefined;
  } catch {
    // Just being written, or nobody's.
    return undefined;
  }
}

/** The engine serves a folder inside a project, and one that has a single project inside. */
function areNested(one: string, other: string): boolean {
  const path = relative(resolve(one), resolve(other));
  return path.split(sep).every((part) => part === '..') || !path.startsWith('..');
}

/** The daemon with this id, if it is one, and counts. */
function readDaemon(pid: number): CountingDaemon | undefined {
  const env = readEnvironment(pid);
  if (env === undefined || !isTrue(env.get('CODEGRAPH_DAEMON_INTERNAL'))) return undefined;
  if (isTrue(env.get('DO_NOT_TRACK'))) return undefined;
  const wish = env.get('CODEGRAPH_TELEMETRY');
  if (!wish) return { pid, isForced: false };
  return isTrue(wish) ? { pid, isForced: true } : undefined;
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

/** As the engine reads its variables. */
function isTrue(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}

/** As the engine takes the stored choice: one that it cannot read is none, and none is a yes. */
function isOnByChoice(home: string): boolean {
  const reading = readChoice(home, files);
  return reading.state !== 'read' || reading.choice.isEnabled;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
