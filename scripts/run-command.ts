import { spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

export interface CommandResult {
  /** The exit code; 1 when a signal ended it. */
  readonly code: number;
  /** What it printed, stdout and stderr as they came. */
  readonly output: string;
}

/**
 * Runs a program to its end and keeps what it prints.
 *
 * @throws Error when the program cannot be started.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'shell'>,
): Promise<CommandResult> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code]: (number | null)[] = await once(child, 'close');
  return { code: code ?? 1, output };
}
