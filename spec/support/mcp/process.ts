import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { counterKinds } from '../../../contract/report/lists.ts';
import { readBuffer } from '../buffer.ts';
import { newHome, type TestHome } from '../home.ts';
import { noIngest } from '../ingest.ts';
import type { Launch } from './front.ts';

/** How a server ended, and all that came out of it. */
export interface McpEnding {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface McpProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** The home of this process; nothing but what the process itself does is in it. */
  readonly home: TestHome;
  /** Resolves when it is gone and both of its streams have ended. */
  readonly ended: Promise<McpEnding>;
  /** What has come out on stdout so far. */
  output(): Buffer;
  /** Writes, and waits while the pipe is full. */
  write(...pieces: readonly (string | Uint8Array)[]): Promise<void>;
  /** Resolves when so many bytes, or this text, have come out. Rejects when it ends without. */
  printed(what: number | string): Promise<void>;
}

/** The environment of somebody who said yes, and of nobody else. */
export function consentingEnv({ home }: TestHome): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    CODEGRAPH_TELEMETRY: '1',
    ...noIngest,
    CODEGRAPH_NO_UPDATE_CHECK: '1',
    CODEGRAPH_NO_DAEMON: '1',
  };
}

export interface McpOptions {
  /** Undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly home?: TestHome;
}

/** Starts a server with pipes on all three streams; killed when the running test is over. */
export function startMcp(launch: Launch, options: McpOptions = {}): McpProcess {
  const home = options.home ?? newHome();
  const child = spawn(launch.command, launch.args, {
    cwd: launch.cwd ?? home.project,
    env: { ...consentingEnv(home), ...launch.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A server that is gone, or reads no more, is part of what is tested.
  child.stdin.on('error', () => undefined);
  const output = (): Buffer => Buffer.concat(chunks);
  const ended = once(child, 'close').then(([code, signal]): McpEnding => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout: output(),
    stderr,
  }));
  return {
    child,
    home,
    ended,
    output,
    write: async (...pieces) => {
      for (const piece of pieces) {
        if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain'), ended]);
      }
    },
    printed: async (what) => {
      const has = (): boolean =>
        typeof what === 'number' ? bytes >= what : output().includes(what);
      while (!has()) {
        const isOver = await Promise.race([
          once(child.stdout, 'data').then(() => false),
          ended.then(() => true),
        ]);
        if (isOver && !has())
          throw new Error(`ended without ${what}: ${output().toString()}${stderr}`);
      }
    },
  };
}

/** What can be told from outside, short enough to compare. */
export function traits({ code, signal, stdout, stderr }: McpEnding) {
  return { code, signal, stderr, bytes: stdout.length, sha256: hashOf(stdout) };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One count of the buffer: kind, name and client in one line, calls, errors. */
export type Count = readonly [what: string, calls: number, errors: number];

/** What was left in the buffer of this home, added up, in the order of what was counted. */
export function countsIn(home: TestHome): readonly Count[] {
  const totals = new Map<string, readonly [calls: number, errors: number]>();
  for (const { counters } of readBuffer(home).frames) {
    for (const [kind, name, calls, errors, ...client] of counters) {
      const what = [counterKinds[kind], name, ...client].join(' ');
      const [callsBefore, errorsBefore] = totals.get(what) ?? [0, 0];
      totals.set(what, [callsBefore + calls, errorsBefore + errors]);
    }
  }
  return inOrder(Array.from(totals, ([what, total]): Count => [what, ...total]));
}

/** The order that `countsIn` has. */
function inOrder(counts: readonly Count[]): readonly Count[] {
  return counts.toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Whether a process is there, and not only waiting to be collected. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

/** Resolves when a process that is no child of ours is gone; there is no event for that. */
export async function vanished(pid: number): Promise<void> {
  while (isAlive(pid)) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** The most memory that a process has had; 0 where the system does not tell. */
export function peakBytes(pid: number | undefined): number {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return 0;
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(path, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
