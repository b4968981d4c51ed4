import { readdirSync, readFileSync } from 'node:fs';

/** What is left for this process; Infinity where there is no limit. */
export interface Room {
  readonly memoryBytes: number;
  /** What `ulimit -d` counts: memory that the process may write to, used or set aside. */
  readonly dataBytes: number;
  /** What `ulimit -v` counts: all addresses. */
  readonly addressBytes: number;
  readonly threads: number;
}

/** Where Linux shows limits and their use. */
export interface RoomSources {
  readonly proc: string;
  readonly groups: string;
}

// To look for a user's threads among all processes costs some 40 µs each. Where a user may have more
// than this, what we start does not make the difference.
const fewThreads = 1_024;

/** Reads some 20 small files. What is not shown is no limit. */
export function readRoom({ proc, groups }: RoomSources): Room {
  const limits = readText(`${proc}/self/limits`);
  const status = readText(`${proc}/self/status`);
  const memberships = readText(`${proc}/self/cgroup`);
  return {
    memoryBytes: Math.min(
      memoryLeftOnMachine(readText(`${proc}/meminfo`)),
      ...foldersOf('memory', memberships, groups).map(memoryLeftInGroup),
    ),
    dataBytes: left(find(limits, 'Max data size'), find(status, 'VmData:') * 1_024),
    addressBytes: left(find(limits, 'Max address space'), find(status, 'VmSize:') * 1_024),
    threads: Math.min(
      threadsLeftToUser(find(limits, 'Max processes'), status, proc),
      ...foldersOf('pids', memberships, groups).map((folder) =>
        left(readNumber(`${folder}/pids.max`), readNumber(`${folder}/pids.current`)),
      ),
    ),
  };
}

function left(limit: number, used: number): number {
  const rest = limit - used;
  return Number.isNaN(rest) ? Infinity : rest;
}

function memoryLeftOnMachine(memory: string): number {
  const bytes = (find(memory, 'MemAvailable:') + find(memory, 'SwapFree:')) * 1_024;
  return left(bytes, 0);
}

/** Caches of files are given back before a process is killed. */
function memoryLeftInGroup(folder: string): number {
  // The names of the second version, and of the first.
  const rest = Math.min(
    left(readNumber(`${folder}/memory.max`), readNumber(`${folder}/memory.current`)),
    left(
      readNumber(`${folder}/memory.limit_in_bytes`),
      readNumber(`${folder}/memory.usage_in_bytes`),
    ),
  );
  if (rest === Infinity) return Infinity;
  const stat = readText(`${folder}/memory.stat`);
  const caches = ['inactive_file', 'active_file'].map(
    // The first version tells what the groups below have apart.
    (name) => find(stat, `total_${name}`) || find(stat, name) || 0,
  );
  return caches.reduce((sum, bytes) => sum + bytes, rest);
}

/** `ulimit -u` counts the threads of all processes of a user. Root is exempt. */
function threadsLeftToUser(limit: number, status: string, proc: string): number {
  const user = find(status, 'Uid:');
  if (user === 0) return Infinity;
  if (!(limit < fewThreads)) return left(limit, find(status, 'Threads:'));
  const threads = readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map((id) => readText(`${proc}/${id}/status`))
    .filter((other) => find(other, 'Uid:') === user)
    .map((other) => find(other, 'Threads:'));
  return threads.reduce((rest, count) => rest - count, limit);
}

/**
 * The folders of this process's control groups, from its own to the root: each may have a limit.
 * Inside a container the upper ones are not there, and its own is what is mounted as the root.
 */
function foldersOf(controller: string, memberships: string, root: string): readonly string[] {
  return [...memberships.matchAll(/^\d+:([^:]*):(.*)$/gm)].flatMap(([, controllers, path]) => {
    const names = path!.split('/').filter((name) => !['', '.', '..'].includes(name));
    const foldersFrom = (top: string): readonly string[] =>
      [top, ...names].map((_, at) => [top, ...names.slice(0, at)].join('/'));
    // The second version has one tree for all, without names.
    if (controllers === '') return foldersFrom(root);
    return controllers!.split(',').includes(controller) ? foldersFrom(`${root}/${controller}`) : [];
  });
}

/** The number behind a name at the start of a line; NaN when there is none. */
function find(text: string, name: string): number {
  return Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)?.[1] ?? NaN);
}

/** The number that a file holds; NaN for `max`, and when there is no such file. */
function readNumber(path: string): number {
  const text = readText(path);
  return text === '' ? NaN : Number(text);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not in this container, not with this kernel, or a process that has just ended.
    return '';
  }
}
