import { spawnSync } from 'node:child_process';
import { type Ended, type Program, run, start } from './programs.ts';
import { type CommandOptions, settings } from './command.ts';
import type { TestHome } from './home.ts';

/** Whether there is a program here that runs another in a terminal: the `script` of util-linux. */
export const hasTerminal = /util-linux/.test(spawnSync('script', ['-V']).stdout?.toString() ?? '');

/**
 * Runs a line of shell in a terminal of its own. What it writes there is in `stdout`, streams mixed;
 * the code is that of the line.
 */
export async function runInTerminal(
  home: TestHome,
  line: string,
  options: CommandOptions,
): Promise<Ended> {
  return await run('script', ['-qec', line, '/dev/null'], withShell(home, options));
}

/** Starts the same; what is written to its stdin are the keys that a person types. */
export function startInTerminal(home: TestHome, line: string, options: CommandOptions): Program {
  return start('script', ['-qec', line, '/dev/null'], withShell(home, options));
}

/** A word of shell that stands for `text` as it is. */
export function quote(text: string): string {
  return `'${text.replaceAll(`'`, `'\\''`)}'`;
}

function withShell(home: TestHome, options: CommandOptions): ReturnType<typeof settings> {
  const { env, cwd } = settings(home, options);
  return { env: { SHELL: '/bin/sh', ...env }, cwd };
}
