import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, test } from 'vitest';
import { temporaryFolder } from '../../spec/support/home.ts';
import { readRoom, type Room } from './linux-room.ts';

const mb = 1024 * 1024;

type Files = Readonly<Record<string, string | number>>;

/** What is left by these files of a Linux. */
function roomIn(files: Files): Room {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return readRoom({ proc: join(root, 'proc'), groups: join(root, 'cgroup') });
}

function limits(name: string, soft: number | 'unlimited'): Files {
  const line = `${name.padEnd(25)} ${String(soft).padEnd(20)} unlimited            bytes`;
  return {
    'proc/self/limits': `Limit                     Soft Limit\n${line}\nMax locked memory         1`,
  };
}

function status(fields: Readonly<Record<string, string>>): Files {
  const lines = Object.entries(fields).map(([name, value]) => `${name}:\t${value}`);
  return { 'proc/self/status': lines.join('\n') };
}

const free: Room = {
  memoryBytes: Infinity,
  dataBytes: Infinity,
  addressBytes: Infinity,
  threads: Infinity,
};

const inGroup = { 'proc/self/cgroup': '0::/user.slice/host' };
const inFirst = { 'proc/self/cgroup': '9:cpu,cpuacct:/a\n4:memory:/a/b\n8:pids:/a/b\n0::/' };

test.each<[what: string, files: Files, expected: Partial<Room>]>([
  ['nothing to read', {}, free],
  ['no limits', { ...limits('Max data size', 'unlimited'), ...status({ VmData: '100 kB' }) }, free],
  [
    'memory of the machine and its swap',
    { 'proc/meminfo': 'MemTotal: 9 kB\nMemAvailable:    1000 kB\nSwapFree:   24 kB' },
    { memoryBytes: mb },
  ],
  [
    'a limit on data',
    { ...limits('Max data size', 100 * mb), ...status({ VmData: '1024 kB' }) },
    { dataBytes: 99 * mb },
  ],
  [
    'a limit on addresses',
    { ...limits('Max address space', 100 * mb), ...status({ VmSize: '2048 kB' }) },
    { addressBytes: 98 * mb },
  ],
  [
    'a large limit on a user’s threads',
    { ...limits('Max processes', 5_000), ...status({ Uid: '7 7 7 7', Threads: '9' }) },
    { threads: 4_991 },
  ],
  [
    'a small one, which other processes use as well',
    {
      ...limits('Max processes', 100),
      ...status({ Uid: '7 7 7 7', Threads: '9' }),
      'proc/1/status': 'Uid:\t7 7 7 7\nThreads:\t9',
      'proc/2/status': 'Uid:\t70 70 70 70\nThreads:\t50',
      'proc/3/status': 'Uid:\t7 0 0 0\nThreads:\t80',
      'proc/4/stat': 'just gone',
    },
    { threads: 11 },
  ],
  [
    'a small one on root, who is exempt',
    { ...limits('Max processes', 10), ...status({ Uid: '0 0 0 0', Threads: '9' }) },
    { threads: Infinity },
  ],
  [
    'a container',
    {
      ...inGroup,
      'cgroup/user.slice/host/memory.max': 200 * mb,
      'cgroup/user.slice/host/memory.current': 160 * mb,
      'cgroup/user.slice/host/pids.max': 30,
      'cgroup/user.slice/host/pids.current': 25,
    },
    { memoryBytes: 40 * mb, threads: 5 },
  ],
  [
    'a container without limits',
    {
      ...inGroup,
      'cgroup/user.slice/host/memory.max': 'max',
      'cgroup/user.slice/host/memory.current': 160 * mb,
      'cgroup/user.slice/host/pids.max': 'max',
      'cgroup/user.slice/host/pids.current': 25,
    },
    free,
  ],
  [
    'a container whose files are cached',
    {
      ...inGroup,
      'cgroup/user.slice/host/memory.max': 200 * mb,
      'cgroup/user.slice/host/memory.current': 199 * mb,
      'cgroup/user.slice/host/memory.stat': `anon 1\ninactive_file ${100 * mb}\nactive_file ${50 * mb}`,
    },
    { memoryBytes: 151 * mb },
  ],
  [
    'a group above with a smaller limit',
    {
      ...inGroup,
      'cgroup/user.slice/host/memory.max': 200 * mb,
      'cgroup/user.slice/host/memory.current': 10 * mb,
      'cgroup/user.slice/memory.max': 100 * mb,
      'cgroup/user.slice/memory.current': 90 * mb,
    },
    { memoryBytes: 10 * mb },
  ],
  [
    'a container that sees its own group as the root',
    {
      'proc/self/cgroup': '0::/../../docker/0123',
      'cgroup/memory.max': 100 * mb,
      'cgroup/memory.current': 40 * mb,
    },
    { memoryBytes: 60 * mb },
  ],
  [
    'groups of the first version',
    {
      ...inFirst,
      'cgroup/memory/a/b/memory.limit_in_bytes': '9223372036854771712',
      'cgroup/memory/a/b/memory.usage_in_bytes': 30 * mb,
      'cgroup/memory/a/memory.limit_in_bytes': 50 * mb,
      'cgroup/memory/a/memory.usage_in_bytes': 40 * mb,
      'cgroup/memory/a/memory.stat': `inactive_file 9\ntotal_inactive_file ${mb}\ntotal_active_file ${mb}`,
      'cgroup/pids/a/b/pids.max': 10,
      'cgroup/pids/a/b/pids.current': 8,
    },
    { memoryBytes: 12 * mb, threads: 2 },
  ],
])('finds what is left by %s', (_, files, expected) => {
  expect(roomIn(files)).toEqual({ ...free, ...expected });
});

it.runIf(process.platform === 'linux')('finds room on this machine', () => {
  const { memoryBytes, threads } = readRoom({ proc: '/proc', groups: '/sys/fs/cgroup' });
  expect(memoryBytes).toBeGreaterThan(0);
  expect(threads).toBeGreaterThan(0);
});
