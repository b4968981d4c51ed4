import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

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
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves when `text` stands in its stdout; rejects when it ends without. */
  saw(text: string): Promise<void>;
}

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
}

/** Starts a program with its streams in pipes, and with `env` as its whole environment. */
export function start(
  file: string,
  args: readonly string[],
  { env, cwd, uid }: ProgramOptions,
): Running {
  const child = spawn(file, args, {
    env,
    cwd,
    ...(uid !== undefined && { uid, gid: uid }),
    timeout: maxRunMs,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A program that ends without reading leaves its stdin broken.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
  const saw = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stdout.includes(text)) resolve();
      };
      child.stdout.on('data', look);
      child.once('close', () => {
        reject(new Error(`it ended without printing ${text}: ${stdout}${stderr}`));
      });
      look();
    });
  return { child, ended, saw };
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
