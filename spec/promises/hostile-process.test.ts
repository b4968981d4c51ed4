import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../support/programs.ts';
import { settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { busyHost, leaveQuery, runIn, usageOnBetterDay, type World } from '../support/hostile.ts';
import { writeHost } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';
import { limitMemory, limitThreads } from '../support/group-limits.ts';
import { engine, front, preload } from '../support/paths.ts';
import { canTrace } from './trace.ts';

/**
 * Whatever a process is denied, it ends as it would without us, and what was counted waits for a
 * process that is denied less.
 */

interface Denial {
  readonly name: string;
  /** Undefined where it cannot be had. */
  readonly world: (home: TestHome) => World | undefined;
  /** A flush gets through all the same. */
  readonly sends?: true;
  /** The process itself cannot leave anything. */
  readonly keepsNothing?: true;
}

const permissions = ['--permission', '--allow-fs-read=*', '--disable-warning=SecurityWarning'];
const oldPermissions = ['--experimental-permission', '--allow-fs-read=*', '--no-warnings'];

const denials: readonly Denial[] = [
  {
    name: 'a heap of 50 MB',
    world: () => ({ flags: ['--max-old-space-size=50'] }),
    sends: true,
  },
  {
    name: 'a container of 45 MB',
    world: () => limitMemory(45 * 1024 * 1024),
  },
  {
    name: 'a container of 110 MB, which a flush would overstep',
    world: () => limitMemory(110 * 1024 * 1024),
  },
  {
    name: 'more than 10 threads',
    world: () => limitThreads(10),
  },
  {
    // It aborts where a newer Node goes on.
    name: 'more than 13 threads, on Node 20',
    world: () => {
      const limit = limitThreads(13);
      return limit && onOldNode(limit);
    },
  },
  {
    name: 'more than 1 GB of data',
    world: () => ({ shell: 'ulimit -d 1000000 && exec "$@"' }),
  },
  {
    name: 'system calls that Node itself never makes, on pain of death',
    world: () => (canTrace ? { shell: `exec ${killFor(unusualCalls)} "$@"` } : undefined),
    sends: true,
  },
  {
    name: 'an address space of 2 GB',
    world: () => ({ shell: 'ulimit -v 2000000 && exec "$@"' }),
  },
  {
    name: 'no threads, by Node’s permissions',
    world: () => ({ flags: [...permissions, '--allow-fs-write=*'] }),
  },
  {
    name: 'no writing, by Node’s permissions',
    world: () => ({ flags: [...permissions, '--allow-worker'] }),
    keepsNothing: true,
  },
  {
    name: 'nothing but what we need, by Node’s permissions',
    world: ({ folder }) => ({
      flags: [...permissions, '--allow-worker', `--allow-fs-write=${folder}/*`],
    }),
    sends: true,
  },
  {
    name: 'no writing, by the permissions of Node 20',
    world: () => onOldNode({ flags: [...oldPermissions, '--allow-worker'] }),
    keepsNothing: true,
  },
  {
    name: 'nothing but what we need, by the permissions of Node 20',
    world: ({ folder }) =>
      onOldNode({ flags: [...oldPermissions, '--allow-worker', `--allow-fs-write=${folder}/*`] }),
    sends: true,
  },
  {
    name: 'no threads, as none can be started',
    world: () => ({ flags: [preload('deny-threads.mjs')] }),
  },
  {
    name: 'no sockets',
    world: () => ({ flags: [preload('deny-sockets.mjs')] }),
  },
  {
    name: 'no WebAssembly',
    world: () => ({ flags: ['--jitless'] }),
  },
  {
    name: 'no code from strings',
    world: () => ({ flags: ['--disallow-code-generation-from-strings'] }),
    sends: true,
  },
  {
    name: 'no change of what the language has',
    world: () => ({ flags: ['--frozen-intrinsics', '--disable-proto=throw'] }),
    sends: true,
  },
  {
    name: 'stdin, stdout and stderr',
    world: () => ({ shell: 'exec "$@" <&- >&- 2>&-' }),
    sends: true,
  },
  {
    name: 'stdout',
    world: () => ({ shell: 'exec "$@" >&-' }),
    sends: true,
  },
  {
    name: 'a place to work in',
    world: ({ root }) => ({
      shell: `mkdir ${root}/gone && cd ${root}/gone && rmdir ${root}/gone && exec "$@"`,
    }),
  },
  {
    name: 'a place for temporary files, and a language that is known',
    world: () => ({ env: { TMPDIR: '/nowhere', LANG: 'tlh', LC_ALL: 'tlh_AA.cp437', TZ: 'Moon' } }),
    sends: true,
  },
];

// Of no use but to what asks for them: a filter of system calls may leave them out.
const unusualCalls = `
  setpriority getpriority ioprio_set ioprio_get sched_setscheduler sched_setattr sched_setaffinity
  sched_setparam setrlimit getrusage times mlock mlockall mbind set_mempolicy memfd_create
  personality ptrace chmod fchmod chown fchown flock link symlink inotify_init1`;

function killFor(names: string): string {
  const calls = names.trim().split(/\s+/).join(',');
  return `strace -f -qq -o /dev/null -e trace=${calls} -e inject=${calls}:signal=KILL`;
}

function onOldNode(world: World): World | undefined {
  const node = findOldNode();
  return node === undefined ? undefined : { ...world, node };
}

/** A Node 20 that is installed here; undefined when there is none. */
function findOldNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.startsWith('v20.'));
}

describe.skipIf(process.platform === 'win32').concurrent('a program that is denied', () => {
  it.for(denials)('$name', async ({ world, sends, keepsNothing }, context) => {
    using home = openHome();
    await using ingest = await startIngest();
    leaveQuery(home);
    const given = world(home);
    if (given === undefined) return context.skip('that cannot be denied here');
    const host = [writeHost(home, busyHost)];

    const alone = await runIn(home, given, host, { CODEGRAPH_TELEMETRY: '0' });
    if (alone.code !== 3) return context.skip(`Node itself cannot bear it: ${alone.stderr}`);
    const counting = await runIn(home, given, host, ingest.consent);

    expect(counting).toEqual(alone);
    expect(ingest.bodies).toHaveLength(sends ? 1 : 0);
    expect(await usageOnBetterDay(home, ingest)).toEqual({
      query: '1/0',
      ...(!keepsNothing && { sync: '2/0' }),
    });
  });
});

/** What a command needs not have, either. */
const shells = [
  { name: 'stdin, stdout and stderr', shell: 'exec "$@" <&- >&- 2>&-' },
  { name: 'stdout', shell: 'exec "$@" >&-' },
  { name: 'a place to work in', shell: 'mkdir gone && cd gone && rmdir ../gone && exec "$@"' },
  { name: 'a place for temporary files, and a language', shell: 'TMPDIR=/no LC_ALL=x exec "$@"' },
];

describe.skipIf(process.platform === 'win32')('a command that is denied', () => {
  it.for(shells)('$name', async ({ shell }) => {
    using home = openHome();
    await using ingest = await startIngest();
    const runCommand = async (command: readonly string[], env: NodeJS.ProcessEnv) =>
      await run('/bin/sh', ['-c', shell, 'sh', ...command], settings(home, { env }));

    const alone = await runCommand([engine, 'version'], { CODEGRAPH_TELEMETRY: '0' });
    const counted = await runCommand([process.execPath, front, 'version'], ingest.consent);

    // The launcher's shell has something to say to it; the front starts the engine without a shell.
    const stderr = alone.stderr.replace(/^sh: .*getcwd.*\n/m, '');
    expect(counted).toEqual({ ...alone, stderr });
    expect(await usageOnBetterDay(home, ingest)).toEqual({ version: '1/0' });
  });
});
