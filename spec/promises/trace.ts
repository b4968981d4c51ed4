import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, run } from '../support/programs.ts';
import { type CommandOptions, settings } from '../support/command.ts';
import type { TestHome } from '../support/home.ts';

// The kernel stops a program only at the calls that are watched: the engine makes many others.
const follow = ['-f', '--seccomp-bpf'];

/** Whether system calls can be watched here: strace is there, and may trace. */
export const canTrace =
  process.platform === 'linux' &&
  spawnSync('strace', [...follow, '-o', '/dev/null', 'true']).status === 0;

/** What a program did: each list is of what strace wrote, such as `mkdir("/tmp/a", 0700) = 0`. */
export interface Trace {
  /** Sockets opened and connected, by the program and all that it started, on any network. */
  readonly network: readonly string[];
  /** Files opened for writing, and folders made. */
  readonly writes: readonly string[];
  /** Files opened by the program itself. */
  readonly ownOpens: readonly string[];
  /** Worker threads of the program itself, without those that every Node has. */
  readonly ownWorkers: readonly string[];
}

const watched = 'trace=socket,connect,openat,open,creat,mkdir,mkdirat,clone,clone3,prctl';

/** Runs Node with these arguments, and has its system calls written down. */
export async function traceNode(
  home: TestHome,
  args: readonly string[],
  options: CommandOptions,
): Promise<{ readonly ended: Ended; readonly trace: Trace }> {
  const log = join(home.root, 'calls');
  const strace = [...follow, '-qq', '-s', '4096', '-o', log, '-e', watched, '-e', 'signal=none'];
  const ended = await run(
    'strace',
    [...strace, process.execPath, ...args],
    settings(home, options),
  );
  const calls = readCalls(readFileSync(log, 'utf8'));
  const texts = calls.map(({ text }) => text);
  const own = calls.filter(({ isOwn }) => isOwn).map(({ text }) => text);
  return {
    ended,
    trace: {
      network: texts.filter((text) => /^(?:socket|connect)\(.*AF_INET/.test(text)),
      writes: texts.filter((text) => /^(?:mkdir|creat)|^open.*O_(?:WRONLY|RDWR|CREAT)/.test(text)),
      ownOpens: own.filter((text) => text.startsWith('open')),
      ownWorkers: own.filter((text) => text.startsWith('prctl(PR_SET_NAME, "WorkerThread"')),
    },
  };
}

interface Call {
  /** Made by the program itself, and not by what it started. */
  readonly isOwn: boolean;
  readonly text: string;
}

/** Lines are `<thread> <call>`; a call that another thread interrupts comes in two. */
function readCalls(log: string): readonly Call[] {
  const lines = log.split('\n').map((line) => /^(\d+) +(.*)$/.exec(line)?.slice(1) ?? []);
  const ownThreads = new Set([lines[0]?.[0]]);
  const startingThread = new Set<string>();
  const calls: Call[] = [];
  for (const [thread, text] of lines) {
    if (thread === undefined || text === undefined) continue;
    if (!text.startsWith('<...')) calls.push({ isOwn: ownThreads.has(thread), text });
    if (text.includes('CLONE_THREAD')) startingThread.add(thread);
    const started = /^(?:<\.\.\. )?clone3?\b.* = (\d+)$/.exec(text)?.[1];
    if (started === undefined) continue;
    if (startingThread.delete(thread) && ownThreads.has(thread)) ownThreads.add(started);
  }
  return calls;
}
