import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-home.ts';

/** How a program ended, and what it printed. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  /** Resolves when it has printed this, so often. Rejects when it ends without. */
  printed(text: string, times?: number): Promise<void>;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command that runs the program as `"$@"`, such as one that sets a limit first. */
  readonly shell?: string;
}

const root = pathToFileURL(join(import.meta.dirname, '..', '..', '/'));

/** The URL of a file of this repository, for a program to import. */
export function fileUrl(path: string): string {
  return new URL(path, root).href;
}

/** Starts a module in a process of its own, without anything of the tests' environment. */
export function startProgram(code: string, { env = {}, shell }: ProgramOptions = {}): Program {
  const folder = temporaryFolder();
  const file = join(folder, 'program.ts');
  writeFileSync(file, code);
  const command = [process.execPath, file];
  const [program = '', ...args] =
    shell === undefined ? command : ['/bin/sh', '-c', shell, 'sh', ...command];
  const child = spawn(program, args, {
    env: { HOME: folder, USERPROFILE: folder, SystemRoot: process.env['SystemRoot'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return follow(child);
}

/** Runs a module in a process of its own to its end. */
export async function runProgram(code: string, options?: ProgramOptions): Promise<Ending> {
  return await startProgram(code, options).ended;
}

function follow(child: ChildProcess): Program {
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  }
  const ended = once(child, 'close').then(([code, signal]): Ending => ({
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
          once(child.stdout!, 'data').then(() => false),
          ended.then(() => true),
        ]);
        if (isOver && isMissing()) {
          throw new Error(`ended without "${text}": ${output.stdout}${output.stderr}`);
        }
      }
    },
  };
}
