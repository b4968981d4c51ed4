import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../scripts/set-up/paths.mjs';

/** Our built library, for `import` and for `require`, its part for MCP servers, and our command. */
export const ourFiles = {
  library: join(root, 'dist', 'index.js'),
  required: join(root, 'dist', 'index.cjs'),
  hosts: join(root, 'dist', 'hosts.js'),
  command: join(root, 'dist', 'codegraph.js'),
} as const;

/** The published client: its telemetry module, the launcher of its bundle, and its npm shim. */
export const publishedFiles = findPublished();

function findPublished(): Record<'telemetry' | 'launcher' | 'shim', string> {
  const name = '@colbymchenry/codegraph';
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const platform = `${name}-${process.platform}-${process.arch}`;
  const bundle = dirname(createRequire(manifest).resolve(`${platform}/package.json`));
  return {
    telemetry: join(bundle, 'lib', 'dist', 'telemetry', 'index.js'),
    launcher: join(bundle, 'bin', 'codegraph'),
    shim: join(dirname(manifest), 'npm-shim.js'),
  };
}

/** The path of a program in `programs/`. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url));
}

/**
 * Runs a program that prints one JSON value, and returns the value.
 *
 * @throws Error with what it wrote on stderr when it fails.
 */
export async function runProgram<Result>(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Result> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code]: (number | null)[] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${errors}`);
  // What is printed is declared beside the program's caller; both are ours.
  return JSON.parse(output) as Result;
}

/**
 * Wall-clock milliseconds of a whole process, from its start to its end.
 *
 * @throws Error when it fails.
 */
export function timeProcess(file: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const start = performance.now();
  const { status, error } = spawnSync(file, args, { env, stdio: 'ignore' });
  const elapsedMs = performance.now() - start;
  if (status !== 0) {
    throw new Error(`${file} ${args.join(' ')} ended with ${status}`, { cause: error });
  }
  return elapsedMs;
}
