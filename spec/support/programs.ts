import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './home.ts';

// Longer than anything here takes on a slow machine, so that a program that hangs fails its test.
const maxRunMs = 60_000;

/** How a program ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that was started. */
export interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves when this stands in its stdout, so often. Rejects when it ends without. */
  printed(text: string, times?: number): Promise<void>;
}

export interface ProgramOptions {
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
}

/** Starts a program with its streams in pipes. */
export function start(
  file: string,
  args: readonly string[],
  { env, cwd, uid }: ProgramOptions,
): Program {
  const child = spawn(file, args, {
    env,
    cwd,
    ...(uid !== undefined && { uid, gid: uid }),
    timeout: maxRunMs,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  }
  // A program that ends without reading leaves its stdin broken.
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([code, signal]): Ended => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    ...output,
  }));
  return {
    child,
    ended,
    async printed(text, times = 1) {
      const isMissing = (): boolean => output.stdout.split(text).length <= times;
      while (isMissing()) {
        const isOver = await Promise.race([
          once(child.stdout, 'data').then(() => false),
          ended.then(() => true),
        ]);
        if (isOver && isMissing())
          throw new Error(`ended without "${text}": ${output.stdout}${output.stderr}`);
      }
    },
  };
}

/** Runs a program to its end, with nothing on its stdin. */
export async function run(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Ended> {
  const { child, ended } = start(file, args, options);
  child.stdin.end();
  return await ended;
}

export interface ModuleOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command that runs the program as `"$@"`, such as one that sets a limit first. */
  readonly shell?: string;
}

/** The URL of a file of this repository, for a program to import. */
export function fileUrl(path: string): string {
  return new URL(path, pathToFileURL(join(import.meta.dirname, '..', '..', '/'))).href;
}

/**
 * Starts a module in a process of its own, without anything of the tests' environment; killed when
 * the running test is over.
 */
export function startProgram(code: string, { env, shell }: ModuleOptions = {}): Program {
  const folder = temporaryFolder();
  const file = join(folder, 'program.ts');
  writeFileSync(file, code);
  const command = [process.execPath, file];
  const [program = '', ...args] =
    shell === undefined ? command : ['/bin/sh', '-c', shell, 'sh', ...command];
  const ofSystem = { HOME: folder, USERPROFILE: folder, SystemRoot: process.env['SystemRoot'] };
  const started = start(program, args, { env: { ...ofSystem, ...env } });
  started.child.stdin.end();
  onTestFinished(() => {
    started.child.kill('SIGKILL');
  });
  return started;
}

/** Runs a module in a process of its own to its end. */
export async function runProgram(code: string, options?: ModuleOptions): Promise<Ended> {
  return await startProgram(code, options).ended;
}
